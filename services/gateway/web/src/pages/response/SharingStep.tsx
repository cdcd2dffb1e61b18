// Who may see the answers of a submission. Nothing is chosen beforehand: silence widens nothing.
import { audiences, type AudienceCode } from '../../address/dimensions';
import { Icon } from '../../parts/Icon';
import { Link } from '../../parts/Link';
import { AudienceLadder } from '../../parts/marks';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';

export interface Sharing {
  choice: AudienceCode | 'AS_BEFORE' | '';
  named: string;
  until: string;
}

export const noChoice: Sharing = { choice: '', named: '', until: '' };

interface Props {
  state: string;
  sharing: Sharing;
  change: (sharing: Sharing) => void;
  asBefore: boolean; // every provision of the file has a decision in force, or its row names one
}

export function SharingStep({ state, sharing, change, asBefore }: Props) {
  const { t } = useTexts();
  const today = useToday();
  const choice = (value: Sharing['choice']) => () => change({ ...sharing, choice: value });
  return (
    <>
      <fieldset className="audience-choice">
        <legend className="unseen">{t('response.step.sharing')}</legend>
        {audiences.map((audience) => (
          <label key={audience}>
            <input type="radio" name="response-audience" checked={sharing.choice === audience} onChange={choice(audience)} />
            <b>
              {t(`audience.${audience}`)}
              <AudienceLadder audience={audience} />
            </b>
            <span>{t(`audience.${audience}.meaning`)}</span>
          </label>
        ))}
        {asBefore && (
          <label className="as-before">
            <input type="radio" name="response-audience" checked={sharing.choice === 'AS_BEFORE'} onChange={choice('AS_BEFORE')} />
            <b>{t('response.asBefore')}</b>
            <span>{t('response.asBeforeText')}</span>
          </label>
        )}
      </fieldset>
      {sharing.choice === 'NAMED' && (
        <label className="field narrow">
          <span className="label">{t('sharing.providers')}</span>
          <input className="input" dir="ltr" value={sharing.named} onChange={(event) => change({ ...sharing, named: event.currentTarget.value })} />
          <span className="hint">{t('sharing.providersHint')}</span>
        </label>
      )}
      {sharing.choice !== '' && sharing.choice !== 'AS_BEFORE' && sharing.choice !== 'RESTRICTED' && (
        <label className="field narrow">
          <span className="label">
            {t('sharing.untilField')} <span className="hint">{t('sharing.untilHint')}</span>
          </span>
          <input className="input" type="date" min={today} value={sharing.until} onChange={(event) => change({ ...sharing, until: event.currentTarget.value })} />
        </label>
      )}
      <p className="links">
        <Link className="link" href={`/country/${state}`}>
          <Icon name="plus" />
          {t('response.exceptions')}
        </Link>
        <Link className="link" href={`/country/${state}?as=provider:ALL-PROVIDERS`}>
          <Icon name="eye" />
          {t('response.preview')}
        </Link>
      </p>
    </>
  );
}
