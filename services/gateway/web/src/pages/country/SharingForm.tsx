// One decision about who sees what: chosen, looked at, and only then made.
import { useState } from 'react';
import { audiences, type AudienceCode } from '../../address/dimensions';
import { useProvisionNames } from '../../api/names';
import type { Need } from '../../api/needs';
import { setSharing } from '../../api/sharing';
import { type Choice, providerCodes } from '../../api/sharing-text';
import { FailureNotice } from '../../parts/FailureNotice';
import { Notice } from '../../parts/Notice';
import { AudienceLadder } from '../../parts/marks';
import { Link } from '../../parts/Link';
import { ProvisionSelect } from '../../parts/ProvisionSelect';
import { useSending } from '../../parts/useSending';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';
import { effectOf, isBelow } from './sharing-summary';

interface Props {
  state: string;
  provisions: string[]; // empty: the reader says which
  exceptions: string[]; // of "everything else": they are left as they are
  before: Choice | undefined;
  needs: readonly Need[];
  done: (versionToken: string, count: number) => void;
  close: () => void;
}

export function SharingForm({ state, provisions, exceptions, before, needs, done, close }: Props) {
  const { t, language } = useTexts();
  const today = useToday();
  const names = useProvisionNames(language);
  const [chosen, setChosen] = useState(provisions[0] ?? '');
  const [audience, setAudience] = useState<AudienceCode>();
  const [named, setNamed] = useState(before?.named.join(', ') ?? '');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const { sending, failure, send } = useSending();

  const codes = providerCodes(named);
  // "Everything else" is every provision but the exceptions; the service knows no such word.
  const targets =
    chosen === 'uncac' && exceptions.length > 0
      ? names.list
          .map(({ code }) => code)
          .filter((code) => !exceptions.some((other) => isBelow(code, other) || isBelow(other, code)))
      : chosen
        ? [chosen]
        : [];
  const choice: Choice | undefined = audience && { audience, named: codes, until };
  const missing = [
    ...(targets.length === 0 ? [t('sharing.missing.provision')] : []),
    ...(!audience ? [t('sharing.missing.audience')] : []),
    ...(audience === 'NAMED' && codes.length === 0 ? [t('sharing.missing.provider')] : []),
    ...(until && until < today ? [t('sharing.missing.day')] : []),
  ];
  const effect = choice && effectOf(needs, targets, choice);
  const preview = audience === 'PUBLIC' ? 'public' : audience === 'NAMED' ? `provider:${codes[0] ?? ''}` : 'provider:ALL-PROVIDERS';

  const decide = () => {
    if (!choice || missing.length > 0) return;
    send(
      () => setSharing(state, targets, choice, reason, false),
      (reply) => done(reply.versionToken, reply.changed),
    );
  };

  return (
    <form
      className="sharing-form"
      onSubmit={(event) => {
        event.preventDefault();
        decide();
      }}
    >
      {provisions.length === 0 && <ProvisionSelect provisions={names.list} chosen={chosen} choose={setChosen} />}
      <fieldset className="stack tight">
        <legend className="unseen">{t('sharing.who')}</legend>
        {audiences.map((one) => (
          <label key={one} className="pick">
            <input type="radio" name="audience" checked={audience === one} onChange={() => setAudience(one)} />
            <span>
              <span className="marked">
                {t(`audience.${one}`)} <AudienceLadder audience={one} />
              </span>
              <small>{t(`audience.${one}.meaning`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {audience === 'NAMED' && (
        <label className="field">
          <span className="label">{t('sharing.providers')}</span>
          <input className="input" dir="ltr" value={named} onChange={(event) => setNamed(event.currentTarget.value)} />
          <span className="hint">{t('sharing.providersHint')}</span>
        </label>
      )}
      <label className="field">
        <span className="label">
          {t('sharing.untilField')} <span className="hint">{t('sharing.untilHint')}</span>
        </span>
        <input className="input" type="date" min={today} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
      </label>
      <label className="field">
        <span className="label">
          {t('sharing.reason')} <span className="hint">{t('sharing.reasonHint')}</span>
        </span>
        <input className="input" maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      </label>
      {effect && targets.length > 0 && (
        <Notice kind="info" icon="eye" title={t('sharing.effect.title')} live>
          <p>
            {t('sharing.effect.gain', { count: effect.gain })} {t('sharing.effect.lose', { count: effect.lose })}{' '}
            {t('sharing.effect.same', { count: effect.same })}
          </p>
          {(audience !== 'NAMED' || codes.length > 0) && audience !== 'RESTRICTED' && (
            <p>
              <Link href={`/country/${state}?as=${encodeURIComponent(preview)}`}>{t('sharing.effect.today')}</Link>
            </p>
          )}
        </Notice>
      )}
      {failure && <FailureNotice failure={failure} />}
      {missing.length > 0 && (
        <p className="small quiet" id="sharing-missing">
          {missing.join(' ')}
        </p>
      )}
      <div className="links">
        <button type="submit" className="button main" aria-disabled={missing.length > 0 || sending} aria-describedby={missing.length > 0 ? 'sharing-missing' : undefined}>
          {audience ? t(`sharing.make.${audience}`) : t('sharing.make.none')}
        </button>
        <button type="button" className="link" onClick={close}>
          {t('sharing.leave')}
        </button>
      </div>
    </form>
  );
}
