import { startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { noticeConnection } from './api/answer';
import { refreshSession } from './api/session';
import { preload } from './pages';
import { applyTheme } from './parts/theme';
import { startTexts } from './texts/start';
import { TextsProvider } from './texts/TextsProvider';
import './styles/index.css';

applyTheme();
const root = document.getElementById('page');
if (!root) throw new Error('index.html has no element for the page');
// Texts, the reader and the page's own code all at once: on a slow line each would else wait for the other.
preload(location.pathname);
const session = refreshSession().catch(() => noticeConnection(false));
await Promise.all([startTexts(), session]);
const page = createRoot(root);
startTransition(() =>
  page.render(
    <TextsProvider>
      <App />
    </TextsProvider>,
  ),
);
