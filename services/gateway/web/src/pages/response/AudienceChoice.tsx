// One choice of who may see something. Nothing is chosen beforehand: silence widens nothing.
import { type ReactNode, useId } from 'react';
import { audiences, type AudienceCode } from '../../address/dimensions';
import { type Choice, providerCodes } from '../../api/sharing-text';
import { AudienceLadder } from '../../parts/marks';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';

export interface Sharing {
  choice: AudienceCode | 'AS_BEFORE' | '';
  named: string;
  until: string;
}

export const noChoice: Sharing = { choice: '', named: '', until: '' };

/** Undefined while it is not complete, or leaves things as they are. */
export function chosenOf({ choice, named, until }: Sharing): Choice | undefined {
  const codes = providerCodes(named);
  if (choice === '' || choice === 'AS_BEFORE' || (choice === 'NAMED' && codes.length === 0)) return undefined;
  return { audience: choice, named: codes, until: choice === 'RESTRICTED' ? '' : until };
}

interface Props {
  legend: ReactNode;
  sharing: Sharing;
  change: (sharing: Sharing) => void;
  asBefore?: boolean; // may be left as decided before
}

export function AudienceChoice({ legend, sharing, change, asBefore = false }: Props) {
  const { t } = useTexts();
  const today = useToday();
  const group = useId();
  const choice = (value: Sharing['choice']) => () => change({ ...sharing, choice: value });
  return (
    <>
      <fieldset className="audience-choice">
        <legend>{legend}</legend>
        {audiences.map((audience) => (
          <label key={audience}>
            <input type="radio" name={group} checked={sharing.choice === audience} onChange={choice(audience)} />
            <b>
              {t(`audience.${audience}`)}
              <AudienceLadder audience={audience} />
            </b>
            <span>{t(`audience.${audience}.meaning`)}</span>
          </label>
        ))}
        {asBefore && (
          <label className="as-before">
            <input type="radio" name={group} checked={sharing.choice === 'AS_BEFORE'} onChange={choice('AS_BEFORE')} />
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
    </>
  );
}
