// Follows the language once for the whole page: a table has hundreds of cells, and each that followed it
// by itself would cost as much as what it shows.
import i18next from 'i18next';
import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { formatsOf } from './format';
import { directionOf, isLanguage } from './languages';
import { type Texts, TextsContext } from './useTexts';

function subscribe(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}
const chosen = (): string => i18next.language;

export function TextsProvider({ children }: { children: ReactNode }) {
  const tag = useSyncExternalStore(subscribe, chosen);
  const texts = useMemo<Texts>(() => {
    const language = isLanguage(tag) ? tag : 'en';
    return { t: i18next.getFixedT(language), language, rtl: directionOf(language) === 'rtl', format: formatsOf(language) };
  }, [tag]);
  return <TextsContext.Provider value={texts}>{children}</TextsContext.Provider>;
}
