// What went wrong, in the terms in which a page tells it: the kind chooses the words, `retry` whether
// the page asks again by itself.
import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorDetailSchema, type Problem, Severity } from './generated/uncac/common/v1/common_pb';

export type FailureKind = 'offline' | 'unavailable' | 'signed-out' | 'forbidden' | 'not-found' | 'refused' | 'broken';

export interface RowProblem {
  row: number;
  column: string;
  severity: 'error' | 'warning';
  rule: string;
  message: string;
}

interface Told {
  kind: FailureKind;
  code: string; // as the service said it: UNAVAILABLE, INVALID_INPUT …
  message: string; // the service's own words, in English
  problems: RowProblem[];
  trace: string;
  retry: boolean;
}

export class Failure extends Error implements Told {
  readonly kind: FailureKind;
  readonly code: string;
  readonly problems: RowProblem[];
  readonly trace: string;
  readonly retry: boolean;

  constructor(told: Told) {
    super(told.message);
    this.kind = told.kind;
    this.code = told.code;
    this.problems = told.problems;
    this.trace = told.trace;
    this.retry = told.retry;
  }
}

const kinds: Partial<Record<Code, FailureKind>> = {
  [Code.Unauthenticated]: 'signed-out',
  [Code.PermissionDenied]: 'forbidden',
  [Code.NotFound]: 'not-found',
  [Code.InvalidArgument]: 'refused',
  [Code.FailedPrecondition]: 'refused',
  [Code.AlreadyExists]: 'refused',
  [Code.Aborted]: 'refused',
  [Code.OutOfRange]: 'refused',
  [Code.Unavailable]: 'unavailable',
  [Code.DeadlineExceeded]: 'unavailable',
  [Code.ResourceExhausted]: 'unavailable',
};

/** The second field of a W3C `traceparent`, or what a proxy numbered the request with. */
export function traceOf(headers: Headers): string {
  return headers.get('traceparent')?.split('-')[1] ?? headers.get('x-request-id') ?? '';
}

export function rowProblem(problem: Problem): RowProblem {
  return {
    row: Number(problem.row),
    column: problem.column,
    severity: problem.severity === Severity.WARNING ? 'warning' : 'error',
    rule: problem.rule,
    message: problem.message,
  };
}

export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const connect = ConnectError.from(error);
  const details = connect.findDetails(ErrorDetailSchema);
  // A fetch that never got an answer: connect-web calls that `unknown` or `unavailable` without any metadata.
  const unanswered = connect.cause instanceof TypeError || !navigator.onLine;
  const kind = unanswered ? 'offline' : (kinds[connect.code] ?? 'broken');
  return new Failure({
    kind,
    code: details[0]?.reason ?? Code[connect.code].replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase(),
    message: unanswered ? '' : connect.rawMessage,
    problems: details.flatMap((detail) => detail.problems.map(rowProblem)),
    trace: traceOf(connect.metadata),
    retry: kind === 'offline' || kind === 'unavailable' || details.some((detail) => detail.retryable),
  });
}

/** Of an answer that is not of the Connect protocol: a problem by RFC 9457, or whatever a proxy sent. */
export async function failureOf(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => ({}));
  const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const kind: FailureKind =
    response.status === 401
      ? 'signed-out'
      : response.status === 403
        ? 'forbidden'
        : response.status === 404
          ? 'not-found'
          : response.status === 429 || response.status >= 502
            ? 'unavailable'
            : response.status >= 500
              ? 'broken'
              : 'refused';
  return new Failure({
    kind,
    code: typeof said.code === 'string' ? said.code : String(response.status),
    message: typeof said.detail === 'string' ? said.detail : '',
    problems: Array.isArray(said.problems) ? (said.problems as RowProblem[]) : [],
    trace: traceOf(response.headers),
    retry: kind === 'unavailable',
  });
}

export function offlineFailure(): Failure {
  return new Failure({ kind: 'offline', code: 'OFFLINE', message: '', problems: [], trace: '', retry: true });
}
