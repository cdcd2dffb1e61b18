// Messages are parsed here, so that no reader's browser has to: the parser is a tenth of the first script,
// and runs for each message that a page shows. A message without slots stays a text.
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import type { Plugin } from 'vite';

function parsed(message: string): string | MessageFormatElement[] {
  const elements = parse(message, { ignoreTag: true });
  const [first] = elements;
  if (!first) return '';
  return elements.length === 1 && first.type === TYPE.literal ? first.value : elements;
}

export function parsedMessages(): Plugin {
  return {
    name: 'parsed-messages',
    enforce: 'pre',
    config: () => ({
      // What formats messages would bring the parser along.
      resolve: { alias: [{ find: /^@formatjs\/icu-messageformat-parser$/, replacement: '@formatjs/icu-messageformat-parser/lib/no-parser.js' }] },
    }),
    transform(code, id) {
      if (!/\/src\/texts\/[a-z]+\.json$/.test(id)) return null;
      const catalogue = Object.entries(JSON.parse(code) as Record<string, string>);
      return { code: JSON.stringify(Object.fromEntries(catalogue.map(([key, message]) => [key, parsed(message)]))), map: null };
    },
  };
}
