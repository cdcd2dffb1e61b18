// Who may see what, as words and codes.
import type { AudienceCode } from '../address/dimensions';

export interface Choice {
  audience: AudienceCode;
  named: string[]; // codes of providers, for NAMED
  until: string; // last day it holds; empty = no end
}

export interface Decision extends Choice {
  provision: string;
  recordedAt: string;
  suspended: boolean; // what held before a restore waits for the State to say so again
}

/** As a checklist file and the import write it: "NAMED:EX1|EX2". */
export const audienceText = ({ audience, named }: Pick<Choice, 'audience' | 'named'>): string =>
  audience === 'NAMED' ? `NAMED:${named.join('|')}` : audience;

/** "ex1, EX2" → EX1, EX2. */
export const providerCodes = (text: string): string[] =>
  [...new Set(text.toUpperCase().split(/[\s,;|]+/).filter((code) => /^[A-Z0-9-]{1,32}$/.test(code)))].sort();
