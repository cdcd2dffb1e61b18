// The live feed of needs: server-sent events with CloudEvents in JSON. EventSource itself connects
// again with Last-Event-ID; what it gives up on (an answer other than 200) is tried again here.
import { checkSession } from './session';

export interface FeedNeed {
  need: string;
  state: string;
  provision: string;
  type: string;
  type_text: string;
  state_priority: string;
  coverage: string;
  audience: string;
  stated_on: string;
  checklist: string;
  round: number;
  exercise: boolean;
}

export type Change =
  | { kind: 'stated'; id: string; time: string; position: string; need: FeedNeed }
  | { kind: 'removed'; id: string; time: string; position: string; key: string; because: string };

export interface FeedHandlers {
  change: (change: Change) => void;
  /** The position from which a later visit goes on; everything before it has been sent. */
  caughtUp: (position: string) => void;
  /** What was sent before is void: the position was too old, or of a log that was restored. */
  restarted: () => void;
  connected: (there: boolean) => void;
}

interface CloudEvent {
  id: string;
  time?: string;
  position: string;
  data: FeedNeed & { need: string; removed_because?: string };
}

export function toChange(name: string, text: string): Change | undefined {
  const event = JSON.parse(text) as CloudEvent;
  const common = { id: event.id, time: event.time ?? '', position: event.position };
  if (name === 'need.stated') return { kind: 'stated', ...common, need: event.data };
  if (name === 'need.removed') {
    return { kind: 'removed', ...common, key: event.data.need, because: event.data.removed_because ?? '' };
  }
  return undefined;
}

/** @returns ends the subscription */
export function follow(from: string, filters: Record<string, string>, handlers: FeedHandlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let position = from;
  let wait = 2000;
  // The feed does not always say where what had happened before ends; then a second of silence does.
  let silence: ReturnType<typeof setTimeout> | undefined;
  let backlog = true;
  const caughtUp = () => {
    clearTimeout(silence);
    if (!backlog) return;
    backlog = false;
    handlers.caughtUp(position);
  };
  const listen = () => {
    clearTimeout(silence);
    if (backlog) silence = setTimeout(caughtUp, 1000);
  };

  const open = () => {
    const query = new URLSearchParams({ from: position, ...filters });
    source = new EventSource(`/events/needs?${query}`);
    source.onopen = () => {
      wait = 2000;
      listen();
      handlers.connected(true);
    };
    source.onerror = () => {
      handlers.connected(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      // It does not say why it was refused.
      checkSession();
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 60_000);
    };
    for (const name of ['need.stated', 'need.removed'] as const) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        const change = toChange(name, event.data);
        if (!change) return;
        position = change.position;
        listen();
        handlers.change(change);
      });
    }
    source.addEventListener('caught-up', (event: MessageEvent<string>) => {
      position = event.lastEventId || position;
      caughtUp();
    });
    source.addEventListener('restarted', () => {
      backlog = true;
      listen();
      handlers.restarted();
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    clearTimeout(silence);
    source?.close();
  };
}
