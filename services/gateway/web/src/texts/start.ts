// The catalogues: one file a language, fetched when that language is chosen, messages in ICU syntax.
import i18next from 'i18next';
import Icu from 'i18next-icu';
import { initReactI18next } from 'react-i18next';
import { store, stored } from '../address/browser-store';
import type english from './en.json';
import { chooseLanguage, directionOf, formatTag, isLanguage, type Language } from './languages';

type Catalogue = typeof english;

const catalogues = import.meta.glob<Catalogue>('./*.json', { import: 'default' });

async function load(language: Language): Promise<void> {
  const catalogue = await catalogues[`./${language}.json`]?.();
  if (catalogue) i18next.addResourceBundle(language, 'translation', catalogue);
}

function show(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

export async function startTexts(): Promise<void> {
  const asked = new URLSearchParams(location.search).get('language') ?? '';
  const language = chooseLanguage(isLanguage(asked) ? asked : stored('language'), navigator.languages);
  show(language);
  await i18next
    .use(new Icu({ parseLngForICU: (tag) => (isLanguage(tag) ? formatTag(tag) : tag) }))
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      keySeparator: false,
      nsSeparator: false,
      pluralSeparator: '|',
      contextSeparator: '|',
      resources: {},
      interpolation: { escapeValue: false },
      react: { useSuspense: false },
    });
  await load(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  store('language', language);
  show(language);
  await i18next.changeLanguage(language);
}
