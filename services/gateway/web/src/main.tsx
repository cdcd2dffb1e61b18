import { startTransition } from 'react';
import { App } from './App';
import { noticeConnection } from './api/answer';
import { namesOf } from './api/names';
import { refreshSession } from './api/session';
import { pageAt, preload } from './pages';
import { applyTheme } from './parts/theme';
import { firstLanguage } from './texts/first';
import { startTexts } from './texts/start';
import { TextsProvider } from './texts/TextsProvider';
import './styles/index.css';

applyTheme();
const root = document.getElementById('page');
if (!root) throw new Error('index.html has no element for the page');
// Texts, the reader, names and the page's own code all at once: on a slow line each would else wait for the other.
preload(location.pathname);
// A script of its own, which the document asks for (build/early.ts): a weak device takes a while to read it, and
// between the two the browser can paint and answer.
const drawing = import('react-dom/client');
// When it fails, the page that shows them asks again.
for (const dimension of pageAt(location.pathname)?.names ?? []) namesOf(dimension, firstLanguage()).catch(() => undefined);
const session = refreshSession().catch(() => noticeConnection(false));
// Not awaited at the top: then the bundler keeps what all pages share out of this script, in files of its own.
void Promise.all([drawing, startTexts(), session]).then(([{ createRoot }]) => {
  const page = createRoot(root);
  startTransition(() =>
    page.render(
      <TextsProvider>
        <App />
      </TextsProvider>,
    ),
  );
});
