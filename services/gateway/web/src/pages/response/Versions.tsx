import { useAnswer } from '../../api/answer';
import { getHistory, type HistoryEntry, type ResponseSummary } from '../../api/responses';
import { FailureNotice } from '../../parts/FailureNotice';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';

interface Props {
  response: ResponseSummary;
  /** Its history, where it came together with the response; undefined: asked for here. */
  known: readonly HistoryEntry[] | undefined;
  read: (version: number) => void;
}

export function Versions({ response, known, read }: Props) {
  const { t, format } = useTexts();
  const { checklist, round } = response;
  const key = `history of ${response.state} ${checklist} ${round} v${response.version} ${response.status}`;
  const answer = useAnswer(known ? '' : key, (signal) => getHistory(response, signal));
  const history = known ?? answer.value;
  const entries = [...(history ?? [])].reverse();
  return (
    <section>
      <h2>{t('response.versions.title', { checklist, round: String(round) })}</h2>
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!history && !answer.failure && <SkeletonRows rows={2} />}
      <ol className="versions">
        {entries.map((entry, at) => {
          const by = (['focal_point', 'secretariat'] as const).find((role) => role === entry.by);
          return (
            <li key={at}>
              <p className="spread">
                <b>{entry.action ? t(`response.action.${entry.action}`, { version: entry.version }) : entry.version}</b>
                <span>{format.shortDay(entry.day)}</span>
              </p>
              <p className="quiet">
                {[t('response.answers', { count: entry.answers }), ...(by ? [t(`history.by.${by}`)] : []), ...(entry.reason ? [entry.reason] : [])].join(' · ')}
              </p>
              {(entry.action === 'submitted' || entry.action === 'amended') && (
                <p>
                  <button type="button" className="link" onClick={() => read(entry.version)}>
                    {t('response.read')}
                    <span className="unseen"> {t('country.version', { version: entry.version })}</span>
                  </button>
                </p>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
