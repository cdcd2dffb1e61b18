import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type Formats, formatsOf } from './format';
import { directionOf, isLanguage, type Language } from './languages';

export interface Texts {
  t: ReturnType<typeof useTranslation>['t'];
  language: Language;
  rtl: boolean;
  format: Formats;
}

export function useTexts(): Texts {
  const { t, i18n } = useTranslation();
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  return useMemo(
    () => ({ t, language, rtl: directionOf(language) === 'rtl', format: formatsOf(language) }),
    [t, language],
  );
}
