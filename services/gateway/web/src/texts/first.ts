import { stored } from '../address/browser-store';
import { chooseLanguage, isLanguage, type Language } from './languages';

/** In which a page begins: the one its address names, the reader's choice, or the browser's. */
export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('language') ?? '';
  return chooseLanguage(isLanguage(asked) ? asked : stored('language'), navigator.languages);
}
