// What a page asks within one turn of the browser goes out as one request: on a slow line it is the
// number of requests that costs. Each question still has its own answer or failure; only what changes
// nothing is gathered, and the gateway refuses anything else.
import type { DescMethodUnary, Message } from '@bufbuild/protobuf';
import { create, fromBinary } from '@bufbuild/protobuf';
import { anyPack, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type Transport, type UnaryResponse } from '@connectrpc/connect';
import type { Status } from './generated/uncac/common/v1/common_pb';
import { Gateway, QuestionSchema } from './generated/uncac/gateway/v1/gateway_pb';

const mostTogether = 32; // as the gateway has it
const meantService = 'uncac-service';

interface Waiting {
  method: DescMethodUnary;
  message: Message;
  service: string;
  alone: () => Promise<UnaryResponse>;
  signal: AbortSignal | undefined;
  take: (answer: UnaryResponse | Promise<UnaryResponse>) => void;
  refuse: (error: unknown) => void;
}

const codes = new Map<number, Code>(
  Object.values(Code)
    .filter((code) => typeof code === 'number')
    .map((code) => [code, code]),
);

function toError(status: Status): ConnectError {
  const error = new ConnectError(status.message, codes.get(status.code) ?? Code.Unknown);
  error.details = status.details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf('/') + 1), value }));
  return error;
}

export function together(transport: Transport): Transport {
  const gateway = createClient(Gateway, transport);
  let gathered: Waiting[] = [];

  async function ask(questions: Waiting[]): Promise<void> {
    // Once nobody waits for any of the answers any more, the request ends.
    const cut = new AbortController();
    let left = questions.length;
    for (const { signal } of questions) {
      signal?.addEventListener('abort', () => {
        if (--left === 0) cut.abort();
      });
    }
    try {
      const { answers } = await gateway.ask(
        {
          questions: questions.map(({ method, message, service }) =>
            create(QuestionSchema, {
              method: `${method.parent.typeName}/${method.name}`,
              request: anyPack(method.input, message),
              service,
            }),
          ),
        },
        { signal: cut.signal },
      );
      questions.forEach(({ method, take, refuse }, at) => {
        const result = answers[at]?.result;
        if (result?.case === 'error') refuse(toError(result.value));
        else if (result?.case !== 'reply') refuse(new ConnectError('a question without an answer', Code.Internal));
        else {
          take({
            stream: false,
            service: method.parent,
            method,
            header: new Headers(),
            trailer: new Headers(),
            message: fromBinary(method.output, result.value.value),
          });
        }
      });
    } catch (error) {
      for (const { refuse } of questions) refuse(error);
    }
  }

  function send(): void {
    const all = gathered.filter(({ signal }) => !signal?.aborted);
    gathered = [];
    for (let at = 0; at < all.length; at += mostTogether) {
      const part = all.slice(at, at + mostTogether);
      const only = part[0];
      if (part.length === 1 && only) only.take(only.alone());
      else void ask(part);
    }
  }

  return {
    ...transport,
    unary: (method, signal, timeoutMs, header, input, context) => {
      const alone = () => transport.unary(method, signal, timeoutMs, header, input, context);
      const changesNothing = method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
      const headers = new Headers(header);
      const service = headers.get(meantService) ?? '';
      headers.delete(meantService);
      if (!changesNothing || [...headers].length > 0) return alone();
      return new Promise((take, refuse) => {
        signal?.addEventListener('abort', () => refuse(new ConnectError('no longer asked', Code.Canceled)));
        const waiting = { method, message: create(method.input, input), service, alone, signal, take, refuse };
        // The answer has the type that the method says, which the list of all of them cannot hold.
        gathered.push(waiting as unknown as Waiting);
        if (gathered.length === 1) setTimeout(send);
      });
    },
  };
}
