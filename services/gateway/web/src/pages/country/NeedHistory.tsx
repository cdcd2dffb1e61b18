// How a need came to be: in which rounds it was stated, and the versions of the response it stands in.
import { useAnswer } from '../../api/answer';
import { askMatrix } from '../../api/matrix';
import type { Need } from '../../api/needs';
import { checklistIntake } from '../../api/intake';
import { FailureNotice } from '../../parts/FailureNotice';
import { NeedMark } from '../../parts/marks';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';
import type { Language } from '../../texts/languages';

export interface HistoryAsk {
  need: Need;
  language: Language;
  reader: string;
  versionTokens: string[];
}

interface Entry {
  when: string;
  sort: string;
  what: string;
  detail: string;
  state?: 'STATED' | 'NONE_STATED' | 'WITHHELD' | 'NOT_ANSWERED';
}

export function NeedHistory({ need, language, reader, versionTokens, withVersions }: HistoryAsk & { withVersions: boolean }) {
  const { t, format } = useTexts();
  const answer = useAnswer(JSON.stringify(['history', need.key, language, reader, versionTokens, withVersions]), async (signal) => {
    const [rounds, versions] = await Promise.all([
      askMatrix(
        {
          rows: 'round',
          where: [
            { dimension: 'state', values: [need.state] },
            { dimension: 'provision', values: [need.provision] },
            { dimension: 'type', values: [need.type] },
          ],
          language,
          reader,
          versionTokens,
        },
        signal,
      ),
      withVersions
        ? checklistIntake.getHistory({ key: { state: need.state, checklist: need.checklist, round: need.round } }, { signal })
        : undefined,
    ]);
    return { rounds, versions: versions?.entries ?? [] };
  });
  if (answer.failure && !answer.value) return <FailureNotice failure={answer.failure} reload={answer.reload} />;
  if (!answer.value) return <SkeletonRows rows={3} />;

  const actions = ['submitted', 'amended', 'withdrawn', 'voided'] as const;
  const entries: Entry[] = [
    ...answer.value.rounds.rows.map(({ code, total }) => {
      const state = total.withheld ? 'WITHHELD' : total.value > 0 ? 'STATED' : total.base > 0 ? 'NONE_STATED' : 'NOT_ANSWERED';
      return {
        when: t('question.round', { round: code }),
        sort: `${code}-12-31`,
        what: t(`history.${state}`),
        detail: Number(code) === need.round ? t('history.standing', { checklist: need.checklist }) : '',
        state,
      } as const;
    }),
    ...answer.value.versions.map((entry) => {
      const action = actions.find((one) => one === entry.action);
      const by = (['focal_point', 'secretariat'] as const).find((role) => role === entry.recordedBy);
      return {
        when: format.shortDay(entry.day),
        sort: entry.day,
        what: action ? t(`response.action.${action}`, { version: entry.version }) : entry.action,
        detail: [
          `${need.checklist} ${need.round}`,
          ...(by ? [t(`history.by.${by}`)] : []),
          ...(entry.reason ? [entry.reason] : []),
        ].join(' · '),
      };
    }),
  ].sort((left, right) => right.sort.localeCompare(left.sort));

  return (
    <ol className="history">
      {entries.map((entry, at) => (
        <li key={at}>
          <span className="when">{entry.when}</span>
          <span className="marked">
            {entry.state && <NeedMark state={entry.state} />}
            {entry.what}
          </span>
          <span className="fine faint">{entry.detail}</span>
        </li>
      ))}
    </ol>
  );
}
