// A checklist file: checked without effect, or filed.
import { failureOf, offlineFailure, type RowProblem } from './errors';
import { checkSession, currentSession } from './session';

export interface ImportOptions {
  dryRun: boolean;
  keepGood: boolean;
  audience: string; // as in a file: "NAMED:EX1|EX2"; empty: rows must name one, or decisions be in force
  audienceUntil: string;
}

export type Outcome = 'SUBMITTED' | 'AMENDED' | 'UNCHANGED' | 'SHARING_CHANGED';

export interface ImportedResponse {
  state: string;
  checklist: string;
  round: number;
  outcome: Outcome | undefined;
  version: number;
  versionToken: string;
  answers: number;
  sharingDecisions: number;
}

export interface ImportResult {
  refused: number; // responses that are not filed, or would not be
  responses: ImportedResponse[];
  problems: RowProblem[];
  problemsLeftOut: number;
  rows: number;
  answers: number;
}

interface Body {
  summary?: { refused?: number; rows?: string; answers?: string; problemsLeftOut?: string };
  responses?: {
    key?: { state?: string; checklist?: string; round?: number };
    reply?: { outcome?: string; version?: number; versionToken?: string; answers?: number; sharingDecisions?: number };
  }[];
  problems?: RowProblem[];
}

const outcomes: Record<string, Outcome> = {
  OUTCOME_SUBMITTED: 'SUBMITTED',
  OUTCOME_AMENDED: 'AMENDED',
  OUTCOME_UNCHANGED: 'UNCHANGED',
  OUTCOME_SHARING_CHANGED: 'SHARING_CHANGED',
};

/** A file that is refused row by row is an answer too; a file that could not be sent is a failure. */
export async function importFile(file: File, options: ImportOptions, signal?: AbortSignal): Promise<ImportResult> {
  const search = new URLSearchParams({ file: file.name });
  if (options.dryRun) search.set('dry_run', '1');
  if (options.keepGood) search.set('keep_good', '1');
  if (options.audience) search.set('audience', options.audience);
  if (options.audience && options.audienceUntil) search.set('audience_until', options.audienceUntil);
  const { csrf } = currentSession();
  let response: Response;
  try {
    response = await fetch(`/import/responses?${search}`, {
      method: 'POST',
      headers: { Accept: 'application/json', ...(csrf ? { 'Uncac-Csrf': csrf } : {}) },
      body: file,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw offlineFailure();
  }
  if (response.status === 401) checkSession();
  const copy = response.clone();
  const body = (await response.json().catch(() => ({}))) as Body;
  if (!body.summary) throw await failureOf(copy);
  return {
    refused: body.summary.refused ?? 0,
    rows: Number(body.summary.rows ?? 0),
    answers: Number(body.summary.answers ?? 0),
    problemsLeftOut: Number(body.summary.problemsLeftOut ?? 0),
    problems: body.problems ?? [],
    responses: (body.responses ?? []).map(({ key, reply }) => ({
      state: key?.state ?? '',
      checklist: key?.checklist ?? '',
      round: key?.round ?? 0,
      outcome: outcomes[reply?.outcome ?? ''],
      version: reply?.version ?? 0,
      versionToken: reply?.versionToken ?? '',
      answers: reply?.answers ?? 0,
      sharingDecisions: reply?.sharingDecisions ?? 0,
    })),
  };
}
