// Responses of a State, as the pages read them.
import type { Answer as AnswerMessage } from './generated/uncac/checklist/v1/checklist_pb';
import { Choice, Compliance, ResponseStatus } from './generated/uncac/checklist/v1/checklist_pb';
import { type AudienceCode, type Priority, toPriority } from '../address/dimensions';
import { toAudienceCode } from './needs';
import { checklistIntake } from './intake';

export interface ResponseKey {
  state: string;
  checklist: string;
  round: number;
}

export type Status = 'SUBMITTED' | 'WITHDRAWN' | 'VOID';

export interface ResponseSummary extends ResponseKey {
  version: number;
  submittedOn: string;
  status: Status;
  withdrawnOn: string;
  answers: number;
  exercise: boolean;
}

export interface Answer {
  provision: string;
  compliance: 'YES' | 'IN_PART' | 'NO' | 'NOT_ANSWERED';
  measures: string;
  challenges: string[];
  challengesText: string;
  needed: { type: string; text: string; priority: Priority | undefined }[];
  receivedFrom: string[];
  receivedTypes: string[];
  wouldExtend: 'YES' | 'NO' | '';
  language: string;
}

export interface Response extends ResponseKey {
  version: number;
  submittedOn: string;
  status: Status;
  exercise: boolean;
  answers: Answer[];
  sharing: { provision: string; audience: AudienceCode; named: string[]; until: string }[];
}

export interface HistoryEntry {
  version: number;
  action: 'submitted' | 'amended' | 'withdrawn' | 'voided' | '';
  day: string;
  by: string;
  reason: string;
  answers: number;
}

const statusOf = (status: ResponseStatus): Status =>
  status === ResponseStatus.WITHDRAWN ? 'WITHDRAWN' : status === ResponseStatus.VOID ? 'VOID' : 'SUBMITTED';

const compliances: Record<Compliance, Answer['compliance']> = {
  [Compliance.UNSPECIFIED]: 'NOT_ANSWERED',
  [Compliance.YES]: 'YES',
  [Compliance.IN_PART]: 'IN_PART',
  [Compliance.NO]: 'NO',
  [Compliance.NOT_ANSWERED]: 'NOT_ANSWERED',
};

export async function listResponses(state: string, signal: AbortSignal): Promise<ResponseSummary[]> {
  const reply = await checklistIntake.listResponses({ state, pageSize: 1000 }, { signal });
  return reply.responses.map((response) => ({
    state: response.key?.state ?? '',
    checklist: response.key?.checklist ?? '',
    round: response.key?.round ?? 0,
    version: response.version,
    submittedOn: response.submittedOn,
    status: statusOf(response.status),
    withdrawnOn: response.withdrawnOn,
    answers: response.answers,
    exercise: response.exercise,
  }));
}

function toAnswer(message: AnswerMessage): Answer {
  const extend = message.received?.wouldExtend;
  return {
    provision: message.provision,
    compliance: compliances[message.compliance],
    measures: message.measures,
    challenges: message.challenges,
    challengesText: message.challengesText,
    needed: message.needed.map(({ type, text, statePriority }) => ({ type, text, priority: toPriority(statePriority) })),
    receivedFrom: message.received?.from ?? [],
    receivedTypes: message.received?.types ?? [],
    wouldExtend: extend === Choice.YES ? 'YES' : extend === Choice.NO ? 'NO' : '',
    language: message.language,
  };
}

export async function getResponse(key: ResponseKey, version: number, signal?: AbortSignal): Promise<Response> {
  const { response, sharing } = await checklistIntake.getResponse({ key, version }, signal ? { signal } : {});
  return {
    state: response?.key?.state ?? key.state,
    checklist: response?.key?.checklist ?? key.checklist,
    round: response?.key?.round ?? key.round,
    version: response?.version ?? version,
    submittedOn: response?.submittedOn ?? '',
    status: statusOf(response?.status ?? ResponseStatus.SUBMITTED),
    exercise: response?.exercise ?? false,
    answers: (response?.answers ?? []).map(toAnswer),
    sharing: sharing.map(({ provision, audience, named, until }) => ({
      provision,
      audience: toAudienceCode(audience) ?? 'RESTRICTED',
      named,
      until,
    })),
  };
}

export async function getHistory(key: ResponseKey, signal: AbortSignal): Promise<HistoryEntry[]> {
  const { entries } = await checklistIntake.getHistory({ key }, { signal });
  const actions = ['submitted', 'amended', 'withdrawn', 'voided'] as const;
  return entries.map((entry) => ({
    version: entry.version,
    action: actions.find((action) => action === entry.action) ?? '',
    day: entry.day,
    by: entry.recordedBy,
    reason: entry.reason,
    answers: entry.answers,
  }));
}

/**
 * Of each of these checklists, by name, the history of its newest round. What cannot be told is left out: no
 * response to that checklist, or a failure, which asking for it alone tells.
 */
export async function newestHistories(state: string, checklists: readonly string[], signal: AbortSignal): Promise<Map<string, HistoryEntry[]>> {
  const newestRound = 0; // as the service has it
  const found = await Promise.allSettled(checklists.map((checklist) => getHistory({ state, checklist, round: newestRound }, signal)));
  return new Map(found.flatMap((one, at) => (one.status === 'fulfilled' ? [[checklists[at] ?? '', one.value]] : [])));
}

export async function withdrawResponse(key: ResponseKey, reason: string): Promise<void> {
  await checklistIntake.withdrawResponse({ key, reason });
}
