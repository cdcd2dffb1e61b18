import { useState } from 'react';
import { type ResponseSummary, withdrawResponse } from '../../api/responses';
import { Dialog } from '../../parts/Dialog';
import { FailureNotice } from '../../parts/FailureNotice';
import { useSending } from '../../parts/useSending';
import { useTexts } from '../../texts/useTexts';

interface Props {
  response: ResponseSummary;
  close: () => void;
  done: () => void;
}

export function Withdraw({ response, close, done }: Props) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const { sending, failure, send } = useSending();
  const ready = reason.trim() !== '' && !sending;
  const { checklist, round, version } = response;
  return (
    <Dialog kind="box" title={t('response.withdraw.title', { checklist, round: String(round) })} close={close}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) send(() => withdrawResponse(response, reason.trim()), done);
        }}
      >
        <p>{t('response.withdraw.text', { version })}</p>
        <label className="field">
          <span className="label">{t('sharing.reason')}</span>
          <textarea className="input" rows={3} maxLength={1000} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <span className="hint">{t('response.withdraw.hint')}</span>
        </label>
        {failure && <FailureNotice failure={failure} />}
        <footer>
          <button type="button" className="button" onClick={close}>
            {t('sharing.leave')}
          </button>
          <button type="submit" className="button main" aria-disabled={!ready}>
            {t('response.withdraw.verb')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
