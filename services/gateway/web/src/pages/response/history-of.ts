import type { HistoryEntry, ResponseSummary } from '../../api/responses';

/** Of this response, if it is among them: of its checklist the newest round, and nothing was filed or ended between the answers. */
export function historyOf(
  response: ResponseSummary,
  all: readonly ResponseSummary[],
  histories: ReadonlyMap<string, HistoryEntry[]>,
): HistoryEntry[] | undefined {
  const { checklist, round, version, status } = response;
  const history = histories.get(checklist);
  if (!history || all.some((other) => other.checklist === checklist && other.round > round)) return undefined;
  const newest = history.filter(({ action }) => action === 'submitted' || action === 'amended').at(-1);
  const ended = history.some((entry) => entry.version === version && (entry.action === 'withdrawn' || entry.action === 'voided'));
  const same = newest?.version === version && newest.day === response.submittedOn && newest.answers === response.answers;
  return same && ended === (status !== 'SUBMITTED') ? history : undefined;
}
