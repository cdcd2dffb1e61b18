import { useAnswer } from '../../api/answer';
import { getHistory, type ResponseSummary } from '../../api/responses';
import { FailureNotice } from '../../parts/FailureNotice';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';

export function Versions({ response, read }: { response: ResponseSummary; read: (version: number) => void }) {
  const { t, format } = useTexts();
  const { checklist, round } = response;
  const answer = useAnswer(`history of ${response.state} ${checklist} ${round} v${response.version} ${response.status}`, (signal) =>
    getHistory(response, signal),
  );
  const entries = [...(answer.value ?? [])].reverse();
  return (
    <section>
      <h2>{t('response.versions.title', { checklist, round: String(round) })}</h2>
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!answer.value && !answer.failure && <SkeletonRows rows={2} />}
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
