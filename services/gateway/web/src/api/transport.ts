// The gateway's services by the Connect protocol, from the page's own origin. Every page asks the matrix; what
// only some ask (intake.ts, operations.ts) is fetched with them.
import { createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { NeedsMatrix } from './generated/uncac/needs/v1/needs_pb';
import { checkSession, currentSession } from './session';

// The cookie signs the reader in; the header shows that the request came from a page of this origin.
const addCsrf: Interceptor = (next) => async (request) => {
  const { csrf } = currentSession();
  if (csrf) request.header.set('Uncac-Csrf', csrf);
  try {
    return await next(request);
  } catch (error) {
    if (String(error).includes('[unauthenticated]')) checkSession();
    throw error;
  }
};

// Protobuf: a page of the matrix is a third of its JSON before compression, and needs no parser of names.
export const transport = createConnectTransport({
  baseUrl: location.origin,
  useBinaryFormat: true,
  defaultTimeoutMs: 30_000,
  interceptors: [addCsrf],
});

export const needsMatrix = createClient(NeedsMatrix, transport);

// For what is the same for everybody: asked as nobody, so without waiting for who the reader is.
export const publicMatrix = createClient(
  NeedsMatrix,
  createConnectTransport({
    baseUrl: location.origin,
    useBinaryFormat: true,
    defaultTimeoutMs: 30_000,
    fetch: (input, init) => fetch(input, { ...init, credentials: 'omit' }),
  }),
);
