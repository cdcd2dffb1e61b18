import { useEffect } from 'react';
import { noticeConnection, useOfflineSince } from '../api/answer';
import { refreshSession } from '../api/session';
import { Notice } from '../parts/Notice';
import { useTexts } from '../texts/useTexts';

/** Says that the line is gone, and since when; what was answered before stays on the page. */
export function Connection() {
  const { t, format } = useTexts();
  const since = useOfflineSince();
  useEffect(() => {
    const again = () => {
      refreshSession().then(
        () => noticeConnection(true),
        () => undefined,
      );
    };
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, []);
  if (!since) return null;
  return (
    <div className="connection">
      <Notice kind="warning" icon="offline" title={t('connection.gone', { time: format.clock(since) })} live>
        <p>{t('connection.stays')}</p>
      </Notice>
    </div>
  );
}
