// How a need came to be: the days from which it was stated, changed, and no longer stated.
import { useAnswer } from '../../api/answer';
import { askNeedHistory, type NeedStep } from '../../api/needHistory';
import type { Need } from '../../api/needs';
import { FailureNotice } from '../../parts/FailureNotice';
import { NeedMark } from '../../parts/marks';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';

export interface HistoryAsk {
  need: Need;
  reader: string;
  versionTokens: string[];
}

type Kind = 'first' | 'again' | 'changed' | 'ended';

// `again`: in another response, or after it was not stated; `changed`: in the same one.
function kindOf(step: NeedStep, before: NeedStep | undefined): Kind {
  if (!step.stated) return 'ended';
  if (!before) return 'first';
  const sameResponse = before.stated && before.checklist === step.checklist && before.round === step.round;
  return sameResponse ? 'changed' : 'again';
}

export function NeedHistory({ need, reader, versionTokens }: HistoryAsk) {
  const { t, format } = useTexts();
  const answer = useAnswer(JSON.stringify(['history', need.key, reader, versionTokens]), (signal) =>
    askNeedHistory(need.key, reader, versionTokens, signal),
  );
  if (answer.failure && !answer.value) return <FailureNotice failure={answer.failure} reload={answer.reload} />;
  if (!answer.value) return <SkeletonRows rows={1} />;

  const { steps, withheld } = answer.value;
  if (withheld) return <p className="fine faint">{t('needState.WITHHELD')}</p>;
  const priorityOf = (step: NeedStep, before: NeedStep | undefined): string => {
    if (!step.stated) return '';
    const now = t(`priority.${step.priority ?? 'none'}`);
    if (before?.stated && before.priority !== step.priority) {
      return t('history.priority', { now, before: t(`priority.${before.priority ?? 'none'}`) });
    }
    return step.priority ? t('since.priority', { priority: now }) : '';
  };
  const entries = steps.map((step, at) => {
    const before = steps[at - 1];
    const response = step.checklist ? `${step.checklist} ${step.round}` : t('history.noAnswer');
    return {
      day: step.day,
      stated: step.stated,
      what: t(`history.${kindOf(step, before)}`),
      detail: [priorityOf(step, before), step.version ? t('history.version', { response, version: step.version }) : response]
        .filter(Boolean)
        .join(' · '),
    };
  });

  return (
    <ol className="history">
      {entries.reverse().map((entry) => (
        <li key={entry.day}>
          <time className="when" dateTime={entry.day}>
            {format.shortDay(entry.day)}
          </time>
          <span className="marked">
            <NeedMark state={entry.stated ? 'STATED' : 'NONE_STATED'} />
            {entry.what}
          </span>
          <span className="fine faint">{entry.detail}</span>
        </li>
      ))}
    </ol>
  );
}
