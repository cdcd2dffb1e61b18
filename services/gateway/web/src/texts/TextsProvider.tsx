// Follows the language once for the whole page: a table has hundreds of cells, and each that followed it
// by itself would cost as much as what it shows.
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatsOf } from './format';
import { directionOf, isLanguage } from './languages';
import { type Texts, TextsContext } from './useTexts';

export function TextsProvider({ children }: { children: ReactNode }) {
  const { t, i18n } = useTranslation();
  const language = isLanguage(i18n.language) ? i18n.language : 'en';
  const texts = useMemo<Texts>(
    () => ({ t, language, rtl: directionOf(language) === 'rtl', format: formatsOf(language) }),
    [t, language],
  );
  return <TextsContext.Provider value={texts}>{children}</TextsContext.Provider>;
}
