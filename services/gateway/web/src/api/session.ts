// Who reads: kept by a cookie that scripts cannot see. The page learns only who it is and until when.
import { useSyncExternalStore } from 'react';
import { failureOf, offlineFailure } from './errors';

export type Role = 'anonymous' | 'focal_point' | 'contributor' | 'provider' | 'secretariat' | 'auditor' | 'operator';

export interface Session {
  signed_in: boolean;
  role: Role;
  state: string; // of a focal point or contributor
  organization: string; // of a provider
  ends: string; // RFC 3339, empty when signed out
  csrf: string;
  sign_in: 'exercise' | 'provider' | 'none';
  ended: boolean; // it ended without the reader's doing
}

export interface Identity {
  id: string;
  role: Role;
  state: string;
  organization: string;
}

const nobody: Session = {
  signed_in: false,
  role: 'anonymous',
  state: '',
  organization: '',
  ends: '',
  csrf: '',
  sign_in: 'none',
  ended: false,
};

let current = nobody;
const listeners = new Set<() => void>();

export const currentSession = (): Session => current;

/** @returns ends it */
export function watchSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSession = (): Session => useSyncExternalStore(watchSession, currentSession);

/** One word for the reader, by which the browser keeps things of each apart: position, filters. */
export function identityOf(session: Session): string {
  return [session.role, session.state, session.organization].filter(Boolean).join('-');
}

/** May read all of the State's answers, and so ask for them as others see them. */
export function readsAllOf(session: Session, state: string): boolean {
  return session.role === 'secretariat' || (session.role === 'focal_point' && session.state === state);
}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(current.csrf ? { 'Uncac-Csrf': current.csrf } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw offlineFailure();
  }
  if (!response.ok) throw await failureOf(response);
  if (response.status === 204) return {};
  return response.json();
}

function take(answer: unknown, left = false): void {
  const told = { ...nobody, ...(answer as Partial<Session>) };
  const next = { ...told, ended: !told.signed_in && !left && (current.signed_in || current.ended) };
  if (JSON.stringify(next) === JSON.stringify(current)) return;
  current = next;
  for (const listener of listeners) listener();
}

export async function refreshSession(): Promise<void> {
  take(await ask('GET', '/session'));
}

/**
 * Whether who was signed in still is: without its cookie a call is answered as the public's, so no answer
 * tells that a session has ended.
 */
export function checkSession(): void {
  if (current.signed_in) refreshSession().catch(() => undefined);
}

export async function exerciseIdentities(): Promise<Identity[]> {
  const answer = (await ask('GET', '/session/identities')) as { identities: Identity[] };
  return answer.identities;
}

export async function signInAs(identity: string): Promise<void> {
  take(await ask('POST', '/session', { identity }));
}

export async function signOut(): Promise<void> {
  take(await ask('DELETE', '/session'), true);
}
