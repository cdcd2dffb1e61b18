// The catalogues: one file a language, fetched when that language is chosen, messages in ICU syntax.
import i18next from 'i18next';
import { store } from '../address/browser-store';
import type english from './en.json';
import { icu } from './icu';
import { firstLanguage } from './first';
import { directionOf, type Language } from './languages';

type Catalogue = typeof english;

const catalogues = import.meta.glob<Catalogue>('./*.json', { import: 'default' });

const catalogueOf = async (language: Language): Promise<Catalogue | undefined> => catalogues[`./${language}.json`]?.();

// Faces are `optional`: one that comes after the first painting is not used on this page any more. So the
// painting waits for it, though not longer than a reader on a poor line should.
const sample: Partial<Record<Language, string>> = { ar: 'ا', ru: 'Я' };
const longestWait = 1500;

async function loadFaces(language: Language): Promise<void> {
  const text = sample[language];
  // That of Latin script is preloaded by the document.
  if (!text) return;
  const face = language === 'ar' ? '"Plex Arabic"' : 'Plex';
  const faces = ['400', '600'].map((weight) => document.fonts.load(`${weight} 1em ${face}`, text));
  await Promise.race([Promise.allSettled(faces), new Promise((done) => setTimeout(done, longestWait))]);
}

function show(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

export async function startTexts(): Promise<void> {
  const language = firstLanguage();
  show(language);
  const [translation] = await Promise.all([catalogueOf(language), loadFaces(language)]);
  await i18next
    .use(icu)
    .init({
      lng: language,
      fallbackLng: false,
      showSupportNotice: false, // an advertisement in the console of every reader
      keySeparator: false,
      nsSeparator: false,
      pluralSeparator: '|',
      contextSeparator: '|',
      // Added afterwards it would be copied, a thousand parsed messages.
      resources: translation ? { [language]: { translation } } : {},
      interpolation: { escapeValue: false },
    });
}

export async function changeLanguage(language: Language): Promise<void> {
  const [catalogue] = await Promise.all([catalogueOf(language), loadFaces(language)]);
  if (catalogue) i18next.addResourceBundle(language, 'translation', catalogue);
  store('language', language);
  show(language);
  await i18next.changeLanguage(language);
}
