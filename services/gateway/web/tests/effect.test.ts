import { describe, expect, it } from 'vitest';
import type { ResponseSummary } from '../src/api/responses';
import { contentsOf, readCsv } from '../src/pages/response/checklist-csv';
import { effectOf, isTellable } from '../src/pages/response/effect';

const today = '2026-05-04';
const file = (checklist: string, ...rows: [provision: string, type: string][]) =>
  contentsOf(
    readCsv(
      ['state,checklist,round,provision,compliance,type', ...rows.map(([provision, type]) => `SOM,${checklist},2026,${provision},NO,${type}`)].join('\n'),
    ),
  );
const need = (provision: string, type: string, checklist = 'uncac-comprehensive', round = 2020) => ({ provision, type, checklist, round });
const filed = (more: Partial<ResponseSummary>): ResponseSummary => ({
  state: 'SOM',
  checklist: 'uncac-comprehensive',
  round: 2020,
  version: 1,
  submittedOn: '2020-03-01',
  status: 'SUBMITTED',
  withdrawnOn: '',
  answers: 188,
  exercise: true,
  ...more,
});

describe('what a file would change', () => {
  it('replaces answers provision by provision', () => {
    const contents = file('uncac-2007', ['uncac/9', 'LEGAL_ADVICE'], ['uncac/46', 'NO_ASSISTANCE_REQUIRED']);
    const standing = [need('uncac/9', 'MODEL_LEGISLATION'), need('uncac/46', 'LEGAL_ADVICE'), need('uncac/46.9', 'LEGAL_ADVICE')];
    expect(effectOf(contents, standing)).toEqual({ now: 3, gone: 2, anew: 1, then: 2 });
  });

  it('takes the answer of a whole article away where a paragraph of it is answered', () => {
    const standing = [need('uncac/46', 'LEGAL_ADVICE')];
    expect(effectOf(file('uncac-comprehensive', ['uncac/46.9', '']), standing)).toEqual({ now: 1, gone: 1, anew: 0, then: 0 });
  });

  it('is told of any checklist, but not where another response would still stand', () => {
    const contents = file('uncac-2007', ['uncac/9', 'LEGAL_ADVICE']);
    expect(isTellable(contents, [], [], today)).toBe(true);
    expect(isTellable(contents, [], [filed({})], today)).toBe(true);
    expect(isTellable(contents, [], [filed({ round: 2026, submittedOn: today })], today)).toBe(false);
    expect(isTellable(contents, [], [filed({ round: 2026, submittedOn: today, status: 'WITHDRAWN' })], today)).toBe(true);
  });

  it('is not told where the version before answered more', () => {
    const contents = file('uncac-2007', ['uncac/9', 'LEGAL_ADVICE']);
    const before = filed({ checklist: 'uncac-2007', round: 2026, answers: 2 });
    expect(isTellable(contents, [], [before], today)).toBe(false);
    expect(isTellable(contents, [need('uncac/46', 'LEGAL_ADVICE', 'uncac-2007', 2026)], [{ ...before, answers: 1 }], today)).toBe(false);
  });
});
