// Codes of provisions: "uncac/44" an article, "uncac/44.4" its paragraph.

export const articleOf = (provision: string): string => provision.split('.')[0] ?? provision;

export const numberOf = (provision: string): string => provision.slice(provision.indexOf('/') + 1);

export type Chapter = 'II' | 'III' | 'IV' | 'V';
export const chapters: readonly Chapter[] = ['II', 'III', 'IV', 'V'];

// By the text of the Convention: articles 5 to 14, 15 to 42, 43 to 50, 51 to 59.
export function chapterOf(provision: string): Chapter | undefined {
  const article = Number.parseInt(numberOf(articleOf(provision)), 10);
  if (article < 5 || article > 59) return undefined;
  return article < 15 ? 'II' : article < 43 ? 'III' : article < 51 ? 'IV' : 'V';
}

/** Those of the list that no other one stands below: the items that answers are given to. */
export function items(provisions: readonly string[]): string[] {
  const parents = new Set(provisions.filter((code) => code.includes('.')).map(articleOf));
  return provisions.filter((code) => !parents.has(code));
}

/** For sorting in treaty order: 5, 5.1, 5.2, 6 … 46.9, 46.9.b, 46.10. */
export function treatyOrder(left: string, right: string): number {
  const a = numberOf(left).split('.');
  const b = numberOf(right).split('.');
  for (let at = 0; at < Math.max(a.length, b.length); ++at) {
    const x = a[at];
    const y = b[at];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const difference = Number(x) - Number(y);
    if (Number.isNaN(difference)) {
      if (x !== y) return x < y ? -1 : 1;
    } else if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** "KEN:uncac/44.4:LEGAL_ADVICE" taken apart. */
export function needParts(key: string): { state: string; provision: string; type: string } {
  const first = key.indexOf(':');
  const last = key.lastIndexOf(':');
  return { state: key.slice(0, first), provision: key.slice(first + 1, last), type: key.slice(last + 1) };
}
