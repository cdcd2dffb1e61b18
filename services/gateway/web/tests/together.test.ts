import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../src/api/generated/uncac/gateway/v1/gateway_pb';
import { ListNeedsReplySchema, NeedsMatrix, QueryMatrixReplySchema } from '../src/api/generated/uncac/needs/v1/needs_pb';
import { together } from '../src/api/together';

// The gateway's side as far as a page sees it: which requests came, and what each question gets.
function house() {
  const requests: string[][] = [];
  const line = createRouterTransport(({ service }) => {
    service(Gateway, {
      ask: ({ questions }) => {
        requests.push(questions.map(({ method }) => method.split('/')[1] ?? ''));
        return {
          answers: questions.map(({ method }) =>
            method.endsWith('QueryMatrix')
              ? { result: { case: 'reply', value: anyPack(QueryMatrixReplySchema, create(QueryMatrixReplySchema, { rows: 'chapter' })) } }
              : { result: { case: 'error', value: { code: Code.PermissionDenied, message: 'not yours' } } },
          ),
        };
      },
    });
    service(NeedsMatrix, {
      queryMatrix: () => {
        requests.push(['QueryMatrix alone']);
        return create(QueryMatrixReplySchema, { rows: 'state' });
      },
      listNeeds: () => {
        requests.push(['ListNeeds alone']);
        return create(ListNeedsReplySchema);
      },
      makeRelease: () => {
        requests.push(['MakeRelease alone']);
        return {};
      },
    });
  });
  return { requests, matrix: createClient(NeedsMatrix, together(line)) };
}

describe('what is asked within one turn', () => {
  it('goes out as one request, and each gets its own answer or failure', async () => {
    const { requests, matrix } = house();
    const asked = matrix.queryMatrix({ rows: 'chapter' });
    const refused = matrix.listNeeds({}).catch((error: unknown) => error);
    expect((await asked).rows).toBe('chapter');
    const error = await refused;
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).code).toBe(Code.PermissionDenied);
    expect((error as ConnectError).rawMessage).toBe('not yours');
    expect(requests).toEqual([['QueryMatrix', 'ListNeeds']]);
  });

  it('goes as itself when it is one alone, or changes something', async () => {
    const { requests, matrix } = house();
    expect((await matrix.queryMatrix({ rows: 'state' })).rows).toBe('state');
    await Promise.all([matrix.makeRelease({ title: 'x' }), matrix.queryMatrix({ rows: 'state' })]);
    expect(requests).toEqual([['QueryMatrix alone'], ['MakeRelease alone'], ['QueryMatrix alone']]);
  });

  it('is left out when nobody waits for it any more', async () => {
    const { requests, matrix } = house();
    const cut = new AbortController();
    const left = matrix.listNeeds({}, { signal: cut.signal }).catch(() => 'left');
    const other = matrix.queryMatrix({ rows: 'state' });
    cut.abort();
    expect(await left).toBe('left');
    await other;
    expect(requests).toEqual([['QueryMatrix alone']]);
  });

  it('of more than 32 questions takes as many requests as needed', async () => {
    const { requests, matrix } = house();
    await Promise.all(Array.from({ length: 40 }, () => matrix.queryMatrix({ rows: 'chapter' })));
    expect(requests.map(({ length }) => length)).toEqual([32, 8]);
  });
});
