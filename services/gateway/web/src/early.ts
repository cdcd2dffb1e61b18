// The first script of all, of a few hundred bytes: it asks for what the page at this address needs, while
// the large script, which would ask for it, is still on its way. On a slow line each step that waits for
// the one before costs a round trip. The build says which files those are (build/early.ts).
import { pageNameAt, type PageName } from './pages/paths';
import { firstLanguage } from './texts/first';
import type { Language } from './texts/languages';

declare const filesOfPages: Partial<Record<PageName, string[]>>;
declare const filesOfTexts: Partial<Record<Language, string[]>>;

const page = pageNameAt(location.pathname);
for (const file of [...(filesOfTexts[firstLanguage()] ?? []), ...((page && filesOfPages[page]) ?? [])]) {
  const link = document.createElement('link');
  link.crossOrigin = '';
  if (file.endsWith('.css')) {
    // Not the style sheet itself: the page waits for that by its own link.
    link.rel = 'preload';
    link.as = 'style';
  } else {
    link.rel = 'modulepreload';
  }
  link.href = file;
  document.head.append(link);
}
