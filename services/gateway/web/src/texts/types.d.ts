// Keys of texts are checked by the compiler against the English catalogue.
import 'i18next';
import type english from './en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof english };
    keySeparator: false;
    nsSeparator: false;
    // Plurals are within messages; an underscore in a key is part of a code.
    pluralSeparator: '|';
    contextSeparator: '|';
  }
}
