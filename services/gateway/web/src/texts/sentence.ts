// A sentence with controls in it. Word order differs between languages, so a sentence is one message;
// its slots come back as parts, to be filled with elements instead of text.
//
// Values are put in between marks of Unicode's private use area, which no text contains, and the
// finished sentence is cut at them.
const open = '\uE000';
const close = '\uE001';

export const slot = (name: string): string => open + name + close;

export type Part = { text: string } | { slot: string };

export function parts(sentence: string): Part[] {
  const found: Part[] = [];
  let rest = sentence;
  for (;;) {
    const start = rest.indexOf(open);
    const end = rest.indexOf(close, start);
    if (start < 0 || end < 0) break;
    if (start > 0) found.push({ text: rest.slice(0, start) });
    found.push({ slot: rest.slice(start + 1, end) });
    rest = rest.slice(end + 1);
  }
  if (rest) found.push({ text: rest });
  return found;
}
