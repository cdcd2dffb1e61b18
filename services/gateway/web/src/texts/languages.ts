export const languages = ['ar', 'en', 'es', 'fr', 'ru', 'zh'] as const;
export type Language = (typeof languages)[number];

/** Each in its own words, as a reader looks for it. */
export const languageNames: Record<Language, string> = {
  ar: 'العربية',
  en: 'English',
  es: 'Español',
  fr: 'Français',
  ru: 'Русский',
  zh: '中文',
};

export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');

// Digits are 0 to 9 in every language, as in the documents of the United Nations; en-GB has the day first.
const tags: Record<Language, string> = {
  ar: 'ar-u-nu-latn',
  en: 'en-GB',
  es: 'es-u-nu-latn',
  fr: 'fr',
  ru: 'ru',
  zh: 'zh-Hans',
};
export const formatTag = (language: Language): string => tags[language];

export const isLanguage = (text: string): text is Language => (languages as readonly string[]).includes(text);

export function chooseLanguage(stored: string, preferred: readonly string[]): Language {
  for (const tag of [stored, ...preferred]) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}
