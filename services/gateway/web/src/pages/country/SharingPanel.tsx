// Who sees what of a State; for its focal point, the place to change it.
import { useMemo, useRef, useState } from 'react';
import { numberOf } from '../../address/provision';
import { useProvisionNames } from '../../api/names';
import type { Need } from '../../api/needs';
import { setSharing } from '../../api/sharing';
import type { Decision } from '../../api/sharing-text';
import { type Failure, toFailure } from '../../api/errors';
import { FailureNotice } from '../../parts/FailureNotice';
import { Icon } from '../../parts/Icon';
import { AudienceLadder } from '../../parts/marks';
import { Notice } from '../../parts/Notice';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';
import { SharingForm } from './SharingForm';
import { type Shared, summarise } from './sharing-summary';

interface Props {
  state: string;
  name: string;
  own: boolean;
  decisions: Decision[] | undefined;
  needs: readonly Need[];
  changed: (versionToken: string) => void;
}

const unfolded = 8;

export function SharingPanel({ state, name, own, decisions, needs, changed }: Props) {
  const { t } = useTexts();
  const { most, exceptions } = useMemo(() => summarise(decisions ?? []), [decisions]);
  const suspended = useMemo(() => (decisions ?? []).filter((decision) => decision.suspended), [decisions]);
  const [open, setOpen] = useState<string>();
  const [all, setAll] = useState(false);
  const [told, setTold] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const message = useRef<HTMLParagraphElement>(null);

  const done = (token: string, count: number) => {
    setOpen(undefined);
    setTold(t('sharing.done', { count }));
    // The form that had the focus is gone.
    message.current?.focus();
    if (token) changed(token);
  };
  const reinstate = () => {
    setSharing(state, suspended.map(({ provision }) => provision), undefined, '', false).then(
      (reply) => done(reply.versionToken, reply.changed),
      (error: unknown) => setFailure(toFailure(error)),
    );
  };
  const lines = all ? exceptions : exceptions.slice(0, unfolded);
  return (
    <aside className="sharing" aria-labelledby="sharing">
      <header>
        <h2 id="sharing">{t('sharing.title')}</h2>
        <p>{t('sharing.text', { state: name })}</p>
      </header>
      {failure && <FailureNotice failure={failure} />}
      {own && suspended.length > 0 && (
        <Notice kind="warning" title={t('sharing.suspended.title', { count: suspended.length })}>
          <p>{t('sharing.suspended.text')}</p>
          <p>
            <button type="button" className="link" onClick={reinstate}>
              {t('sharing.suspended.again')}
            </button>
          </p>
        </Notice>
      )}
      <p ref={message} tabIndex={-1} role="status" className={told ? 'told small' : 'unseen'}>
        {told}
      </p>
      {!decisions && <SkeletonRows rows={5} />}
      {decisions && !most && <p className="nothing small quiet">{t('sharing.none')}</p>}
      <ul>
        {[...(most ? [most] : []), ...lines].map((shared) => {
          const key = shared.provisions.join() || 'rest';
          return (
            <SharingLine key={key} shared={shared} own={own} open={open === key} toggle={() => setOpen(open === key ? undefined : key)}>
              <SharingForm
                state={state}
                provisions={shared.provisions.length ? shared.provisions : ['uncac']}
                exceptions={shared.provisions.length ? [] : exceptions.flatMap(({ provisions }) => provisions)}
                before={shared}
                needs={needs}
                done={done}
                close={() => setOpen(undefined)}
              />
            </SharingLine>
          );
        })}
        {own && open === 'new' && (
          <li className="open">
            <SharingForm state={state} provisions={[]} exceptions={[]} before={undefined} needs={needs} done={done} close={() => setOpen(undefined)} />
          </li>
        )}
      </ul>
      <footer>
        {exceptions.length > unfolded && (
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? t('sharing.fewer') : t('sharing.more', { count: exceptions.length - unfolded })}
          </button>
        )}
        {own && open !== 'new' && (
          <button type="button" className="link" onClick={() => setOpen('new')}>
            <Icon name="plus" />
            {t('sharing.exception')}
          </button>
        )}
      </footer>
    </aside>
  );
}

interface LineProps {
  shared: Shared;
  own: boolean;
  open: boolean;
  toggle: () => void;
  children: React.ReactNode;
}

function SharingLine({ shared, own, open, toggle, children }: LineProps) {
  const { t, language, format } = useTexts();
  const provisions = useProvisionNames(language);
  const title = shared.provisions.length
    ? shared.provisions.map((code) => `${numberOf(code)} ${provisions.of(code)}`).join(', ')
    : t('sharing.rest');
  return (
    <li className={open ? 'open' : ''}>
      <div className="sharing-line">
        <span>{title}</span>
        <span className="sharing-to">
          <AudienceLadder audience={shared.audience} />
          <b>{t(`audience.${shared.audience}`)}</b>
        </span>
        <small>
          {[
            ...(shared.named.length ? [shared.named.join(', ')] : []),
            ...(shared.until ? [t('sharing.until', { day: format.day(shared.until) })] : []),
            t('sharing.since', { day: format.day(shared.since) }),
          ].join(' · ')}
        </small>
        {own && (
          <button type="button" className="link" aria-expanded={open} onClick={toggle}>
            {t('sharing.change')}
            <span className="unseen"> {title}</span>
          </button>
        )}
      </div>
      {open && children}
    </li>
  );
}
