import { useState } from 'react';
import { type DeadLetter, resendDeadLetter, showDeadLetter } from '../../api/operations';
import { useAnswer } from '../../api/answer';
import { CardsHead } from '../../parts/CardsHead';
import { Dialog } from '../../parts/Dialog';
import { FailureNotice } from '../../parts/FailureNotice';
import { SkeletonRows } from '../../parts/Skeleton';
import { useSending } from '../../parts/useSending';
import { useTexts } from '../../texts/useTexts';

interface Props {
  letters: readonly DeadLetter[];
  more: boolean;
  handled: boolean;
  showHandled: (handled: boolean) => void;
  reload: () => void;
}

const keyOf = ({ service, id }: DeadLetter): string => `${service} ${id}`;

export function DeadLetters({ letters, more, handled, showHandled, reload }: Props) {
  const { t, format } = useTexts();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<DeadLetter>();
  const [resending, setResending] = useState(false);
  const waiting = letters.filter(({ state }) => state === 'WAITING');
  const ready = waiting.filter((letter) => chosen.has(keyOf(letter)));
  const toggle = (letter: DeadLetter) => {
    const next = new Set(chosen);
    if (!next.delete(keyOf(letter))) next.add(keyOf(letter));
    setChosen(next);
  };
  return (
    <section className="section" aria-labelledby="dead-letters">
      <div className="section-head">
        <div>
          <h2 id="dead-letters">{t('letters.title')}</h2>
          <p>{t('letters.text')}</p>
        </div>
        <div className="links">
          <label className="pick">
            <input type="checkbox" checked={handled} onChange={(event) => showHandled(event.currentTarget.checked)} />
            <span>{t('letters.handledToo')}</span>
          </label>
          {waiting.length > 0 && (
            <>
              <span className="small quiet">{t('letters.chosen', { chosen: ready.length, count: waiting.length })}</span>
              <button type="button" className="button" aria-disabled={ready.length === 0} onClick={() => ready.length > 0 && setResending(true)}>
                {t('letters.resend', { count: ready.length })}
              </button>
            </>
          )}
        </div>
      </div>
      {letters.length === 0 && <p className="quiet">{t('letters.none')}</p>}
      {letters.length > 0 && (
        <table className="letters cards" role="table">
          <caption className="unseen">{t('letters.title')}</caption>
          <CardsHead
            columns={[
              { title: t('letters.choose'), unseen: true },
              ...(['topic', 'place', 'key', 'reason', 'buried', 'tries'] as const).map((column) => ({
                title: t(`letters.column.${column}`),
                number: column === 'tries' || column === 'place',
              })),
              { title: t('letters.open'), unseen: true },
            ]}
          />
          <tbody role="rowgroup">
            {letters.map((letter) => {
              const place = `${letter.partition} · ${format.number(letter.offset)}`;
              return (
                <tr key={keyOf(letter)} role="row">
                  <td role="cell">
                    {letter.state === 'WAITING' ? (
                      <input
                        type="checkbox"
                        className="tick"
                        aria-label={`${t('letters.choose')} ${letter.topic} ${place}`}
                        checked={chosen.has(keyOf(letter))}
                        onChange={() => toggle(letter)}
                      />
                    ) : (
                      <span className="fine faint">{t(`letters.state.${letter.state}`)}</span>
                    )}
                  </td>
                  <td role="cell">
                    <bdi className="code">{letter.topic}.dlq</bdi>
                  </td>
                  <td role="cell" className="number" data-label={t('letters.column.place')}>
                    {place}
                  </td>
                  <td role="cell">
                    <bdi className="code">{letter.keyDigest}</bdi>
                  </td>
                  <td role="cell" className="whole" lang="en" dir="ltr">
                    {letter.reason}
                  </td>
                  <td role="cell">{format.moment(new Date(letter.buriedAt))}</td>
                  <td role="cell" className="number" data-label={t('letters.column.tries')}>
                    {format.number(letter.tries)}
                  </td>
                  <td role="cell" className="number">
                    <button type="button" className="link" onClick={() => setOpen(letter)}>
                      {t('letters.open')}
                      <span className="unseen">
                        {' '}
                        {letter.topic} {place}
                      </span>
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {more && <p className="small quiet">{t('letters.more')}</p>}
      {open && <Letter letter={open} close={() => setOpen(undefined)} />}
      {resending && (
        <Resend
          letters={ready}
          close={() => setResending(false)}
          done={() => {
            setResending(false);
            setChosen(new Set());
            reload();
          }}
        />
      )}
    </section>
  );
}

function Letter({ letter, close }: { letter: DeadLetter; close: () => void }) {
  const { t, format } = useTexts();
  const answer = useAnswer(`letter ${keyOf(letter)}`, (signal) => showDeadLetter(letter.service, letter.id, signal));
  const full = answer.value;
  const lines: [string, string][] = full
    ? [
        [t('service.column.service'), full.service],
        [t('letters.consumer'), full.consumer],
        [t('letters.type'), full.type],
        [t('letters.time'), full.time],
        [t('letters.column.buried'), full.buriedAt],
        [t('letters.column.tries'), format.number(full.tries)],
        [t('letters.bytes'), format.number(full.bytes)],
        ...full.headers,
      ]
    : [];
  return (
    <Dialog
      kind="box"
      above={
        <bdi className="code">
          {letter.topic}.dlq {letter.partition} · {letter.offset}
        </bdi>
      }
      title={t('letters.letter')}
      close={close}
    >
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!full && !answer.failure && <SkeletonRows rows={6} />}
      {full && (
        <>
          <p lang="en" dir="ltr">
            {full.reason}
          </p>
          <dl className="letter-lines">
            {lines.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Dialog>
  );
}

function Resend({ letters, close, done }: { letters: readonly DeadLetter[]; close: () => void; done: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const { sending, failure, send } = useSending();
  const ready = reason.trim() !== '' && !sending;
  const resend = async () => {
    // One after the other and in the order they came, since a later event may rest on an earlier one.
    for (const { service, id } of letters) await resendDeadLetter(service, id, reason.trim());
  };
  return (
    <Dialog kind="box" title={t('letters.resend', { count: letters.length })} close={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send(resend, done);
        }}
      >
        <p>{t('letters.resendText')}</p>
        <label className="field">
          <span className="label">{t('sharing.reason')}</span>
          <input className="input" required maxLength={1000} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <span className="hint">{t('letters.reasonHint')}</span>
        </label>
        {failure && <FailureNotice failure={failure} />}
        <footer>
          <button type="submit" className="button main" aria-disabled={!ready}>
            {t('letters.resend', { count: letters.length })}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
