// An act that is sent once: while it is under way nothing is sent again, and a refusal is kept for the
// page to tell. Once it is done its form goes, so nothing is set back.
import { useState } from 'react';
import { type Failure, toFailure } from '../api/errors';

interface Sending {
  sending: boolean;
  failure: Failure | undefined;
  send: <Value>(act: () => Promise<Value>, done: (value: Value) => void) => void;
}

export function useSending(): Sending {
  const [failure, setFailure] = useState<Failure>();
  const [sending, setSending] = useState(false);
  return {
    sending,
    failure,
    send: (act, done) => {
      if (sending) return;
      setSending(true);
      act().then(done, (error: unknown) => {
        setFailure(toFailure(error));
        setSending(false);
      });
    },
  };
}
