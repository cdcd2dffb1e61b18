import { createContext, useContext } from 'react';
import type { TFunction } from 'i18next';
import type { Formats } from './format';
import type { Language } from './languages';

export interface Texts {
  t: TFunction;
  language: Language;
  rtl: boolean;
  format: Formats;
}

export const TextsContext = createContext<Texts | undefined>(undefined);

export function useTexts(): Texts {
  const texts = useContext(TextsContext);
  if (!texts) throw new Error('no texts above this part of the page');
  return texts;
}
