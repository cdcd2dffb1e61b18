// A session ends by time, or in another window. What was shown to its reader goes with it, and the page
// says why.
import { useEffect, useRef } from 'react';
import { usePlace } from '../address/router';
import { checkSession, useSession } from '../api/session';
import { Notice } from '../parts/Notice';
import { useTexts } from '../texts/useTexts';
import { SignInLink } from './SignInLink';

// Timers hold no more milliseconds than this.
const longest = 2 ** 31 - 1;

export function SessionEnded() {
  const { t } = useTexts();
  const { ended, ends } = useSession();
  const place = usePlace();
  const checked = useRef(place);
  useEffect(() => {
    if (checked.current === place) return;
    checked.current = place;
    checkSession();
  }, [place]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') checkSession();
    };
    document.addEventListener('visibilitychange', look);
    const timer = ends ? setTimeout(checkSession, Math.min(Math.max(Date.parse(ends) - Date.now(), 0) + 1000, longest)) : undefined;
    return () => {
      document.removeEventListener('visibilitychange', look);
      clearTimeout(timer);
    };
  }, [ends]);
  if (!ended) return null;
  return (
    <Notice kind="warning" title={t('failure.signed-out.title')} live>
      <p>{t('failure.signed-out.meaning')}</p>
      <p>
        <SignInLink className="link" />
      </p>
    </Notice>
  );
}
