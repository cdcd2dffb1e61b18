// Messages in ICU syntax for i18next. The build has parsed them (build/messages.ts): what comes here is a
// text, or the elements of a message with slots.
import type { MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { IntlMessageFormat } from 'intl-messageformat';
import { formatTag, isLanguage } from './languages';

// For every message anew it asks the browser which locales there are, a millisecond each on a weak
// device. All of ours exist in every browser that can run these pages.
const resolved = new Map<string, Intl.Locale>();
IntlMessageFormat.resolveLocale = (locales) => {
  const tag = typeof locales === 'string' ? locales : (locales[0] ?? 'en');
  const locale = resolved.get(tag) ?? new Intl.Locale(tag);
  resolved.set(tag, locale);
  return locale;
};

// By the message itself: i18next hands over the same one each time.
const formats = new WeakMap<MessageFormatElement[], IntlMessageFormat>();

type Values = Parameters<IntlMessageFormat['format']>[0];

export const icu = {
  type: 'i18nFormat' as const,
  parse(message: string | MessageFormatElement[], values: Values, language: string): string {
    if (typeof message === 'string') return message;
    let format = formats.get(message);
    if (!format) {
      format = new IntlMessageFormat(message, isLanguage(language) ? formatTag(language) : language);
      formats.set(message, format);
    }
    return String(format.format(values));
  },
  addLookupKeys: (keys: string[]): string[] => keys,
};
