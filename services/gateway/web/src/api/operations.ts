// What an operator asks of the running services.
import { createClient } from '@connectrpc/connect';
import { type DeadLetter as Message, DeadLetter_State, Operations } from './generated/uncac/operations/v1/operations_pb';
import { transport } from './transport';

const operations = createClient(Operations, transport);

export const services = ['checklist_intake', 'needs_matrix'] as const;
export type Service = (typeof services)[number];

export interface DeadLetter {
  id: string;
  service: string;
  consumer: string;
  topic: string;
  partition: number;
  offset: number;
  keyDigest: string;
  type: string;
  time: string;
  reason: string;
  buriedAt: string;
  bytes: number;
  state: 'WAITING' | 'SENT' | 'HANDLED';
  tries: number;
  headers: [string, string][];
}

// Keys name States and what they need; an operator needs to know only which letters share one.
async function digestOf(key: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
  return [...hash.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function toLetter(message: Message): Promise<DeadLetter> {
  return {
    id: message.id,
    service: message.service,
    consumer: message.consumer,
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    keyDigest: message.key ? await digestOf(message.key) : '',
    type: message.type,
    time: message.time,
    reason: message.reason,
    buriedAt: message.buriedAt,
    bytes: Number(message.bodyBytes),
    state: message.state === DeadLetter_State.SENT ? 'SENT' : message.state === DeadLetter_State.HANDLED ? 'HANDLED' : 'WAITING',
    tries: Number(message.tries),
    headers: Object.entries(message.headers),
  };
}

export interface TopicState {
  topic: string;
  /** Who reads it; "" where the service publishes it. */
  consumer: string;
  /** By partition: the offset after the last event published, or handled. */
  position: number[];
  /** Events published and not handled yet; undefined while the log does not answer. */
  behind?: number;
}

export interface ServiceState {
  service: string;
  version: string;
  topics: TopicState[];
  /** Events that are not on the log yet, and how long the first of them waits. */
  unpublished: number;
  oldestSeconds: number;
}

export interface DeadLetters {
  letters: DeadLetter[];
  more: boolean;
}

// Where several programs serve it, this header says which one is meant.
const of = (service: string) => ({ headers: { 'uncac-service': service } });

export async function getServiceState(service: Service, signal: AbortSignal): Promise<ServiceState> {
  const reply = await operations.getServiceState({ service }, { ...of(service), signal });
  return {
    service,
    version: reply.version,
    topics: reply.topics.map(({ topic, consumer, position, behind }) => ({
      topic,
      consumer,
      position: position.map(Number),
      ...(behind !== undefined && { behind: Number(behind) }),
    })),
    unpublished: Number(reply.unpublished),
    oldestSeconds: reply.oldestUnpublishedSeconds,
  };
}

export async function listDeadLetters(service: Service, handled: boolean, signal: AbortSignal): Promise<DeadLetters> {
  const reply = await operations.listDeadLetters({ service, handled, pageSize: 500 }, { ...of(service), signal });
  return { letters: await Promise.all(reply.letters.map(toLetter)), more: reply.nextPageToken !== '' };
}

export async function showDeadLetter(service: string, id: string, signal: AbortSignal): Promise<DeadLetter> {
  return toLetter(await operations.showDeadLetter({ service, id }, { ...of(service), signal }));
}

export async function resendDeadLetter(service: string, id: string, reason: string): Promise<void> {
  await operations.resendDeadLetter({ service, id, reason }, of(service));
}

export async function republish(service: Service): Promise<number> {
  return Number((await operations.republish({ service }, of(service))).events);
}

export async function backup(): Promise<{ folder: string; bytes: number; files: number }> {
  const reply = await operations.backup({ name: '' }, { timeoutMs: 600_000 });
  return { folder: reply.folder, files: reply.files.length, bytes: reply.files.reduce((sum, file) => sum + Number(file.bytes), 0) };
}

/** Whether the gateway takes calls; that it does not is an answer, not a failure. */
export async function isReady(signal: AbortSignal): Promise<boolean> {
  const response = await fetch('/readyz', { headers: { Accept: 'application/json' }, signal });
  return response.ok;
}
