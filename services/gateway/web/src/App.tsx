import { Suspense, useEffect, useRef } from 'react';
import { usePlace } from './address/router';
import { PatternDefinitions } from './parts/marks';
import { SkeletonRows } from './parts/Skeleton';
import { useSession } from './api/session';
import { isClosedTo, pageAt } from './pages';
import { ErrorBoundary } from './shell/ErrorBoundary';
import { Connection } from './shell/Connection';
import { Footer } from './shell/Footer';
import { Masthead } from './shell/Masthead';
import { NoAnswers } from './shell/NoAnswers';
import { NotFound } from './shell/NotFound';
import { SessionEnded } from './shell/SessionEnded';
import { useTexts } from './texts/useTexts';

export function App() {
  const { t } = useTexts();
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  const { role } = useSession();
  const page = pageAt(path);
  const Page = page && (isClosedTo(role, page) ? NoAnswers : page.component);

  // A page that was opened by a link begins at its top, for eyes and for screen readers.
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      <PatternDefinitions />
      <a className="skip" href="#main">
        {t('shell.skip')}
      </a>
      <Masthead path={path} />
      <Connection />
      <main id="main" ref={main} tabIndex={-1}>
        <div className="wrap">
          {page?.name !== 'signIn' && <SessionEnded />}
          <ErrorBoundary key={path}>
            <Suspense fallback={<SkeletonRows rows={12} columns={3} />}>{Page ? <Page /> : <NotFound />}</Suspense>
          </ErrorBoundary>
        </div>
      </main>
      <Footer />
    </>
  );
}
