// The gateway's services by the Connect protocol, from the page's own origin.
import { Code, ConnectError, createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { ChecklistIntake } from './generated/uncac/checklist/v1/checklist_pb';
import { NeedsMatrix } from './generated/uncac/needs/v1/needs_pb';
import { Operations } from './generated/uncac/operations/v1/operations_pb';
import { checkSession, currentSession } from './session';
import { together } from './together';

// The cookie signs the reader in; the header shows that the request came from a page of this origin.
const addCsrf: Interceptor = (next) => async (request) => {
  const { csrf } = currentSession();
  if (csrf) request.header.set('Uncac-Csrf', csrf);
  return await next(request);
};

// Protobuf: a page of the matrix is a third of its JSON before compression, and needs no parser of names.
const line = createConnectTransport({
  baseUrl: location.origin,
  useBinaryFormat: true,
  defaultTimeoutMs: 30_000,
  interceptors: [addCsrf],
});

const gathering = together(line);
const transport: Transport = {
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
export const checklistIntake = createClient(ChecklistIntake, transport);
export const operations = createClient(Operations, transport);
