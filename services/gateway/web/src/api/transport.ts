// The gateway's services by the Connect protocol, from the page's own origin. Every page asks the matrix; what
// only some ask (intake.ts, operations.ts) is fetched with them.
import { Code, ConnectError, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { NeedsMatrix } from './generated/uncac/needs/v1/needs_pb';
import { checkSession, currentSession } from './session';
import { together } from './together';

// The cookie signs the reader in; the header shows that the request came from a page of this origin.
const addCsrf: Interceptor = (next) => async (request) => {
  const { csrf } = currentSession();
  if (csrf) request.header.set('Uncac-Csrf', csrf);
  return await next(request);
};

// Protobuf: a page of the matrix is a third of its JSON before compression, and needs no parser of names.
const line = { baseUrl: location.origin, useBinaryFormat: true, defaultTimeoutMs: 30_000 };

const gathering = together(createConnectTransport({ ...line, interceptors: [addCsrf] }));
export const transport: Transport = {
  ...gathering,
  unary: async (...call) => {
    try {
      return await gathering.unary(...call);
    } catch (error) {
      if (error instanceof ConnectError && error.code === Code.Unauthenticated) checkSession();
      throw error;
    }
  },
};

export const needsMatrix = createClient(NeedsMatrix, transport);

// For what is the same for everybody: asked as nobody, so without waiting for who the reader is.
export const publicMatrix = createClient(
  NeedsMatrix,
  together(createConnectTransport({ ...line, fetch: (input, init) => fetch(input, { ...init, credentials: 'omit' }) })),
);
