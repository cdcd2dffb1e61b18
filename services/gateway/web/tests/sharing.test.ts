import { describe, expect, it } from 'vitest';
import type { Need } from '../src/api/needs';
import { audienceText, type Decision, providerCodes } from '../src/api/sharing-text';
import { effectOf, summarise } from '../src/pages/country/sharing-summary';

const decision = (provision: string, audience: Decision['audience'], named: string[] = []): Decision => ({ provision, audience, named, until: '', recordedAt: `2026-01-01T00:00:00Z`, suspended: false });
const need = (provision: string, audience: Need['audience'], named: string[] = []) => ({ provision, audience, named }) as unknown as Need;

describe('decisions of a State', () => {
  const decisions = [
    decision('uncac/5.1', 'PROVIDERS'),
    decision('uncac/5.2', 'PROVIDERS'),
    decision('uncac/9', 'PROVIDERS'),
    decision('uncac/9.1', 'PUBLIC'),
    decision('uncac/9.2', 'PUBLIC'),
    decision('uncac/46.9', 'NAMED', ['EX1']),
    decision('uncac/46.10', 'PROVIDERS'),
  ];
  it('are what holds for most, and exceptions by article or paragraph', () => {
    const { most, exceptions } = summarise(decisions);
    expect(most).toMatchObject({ audience: 'PROVIDERS', provisions: [] });
    expect(exceptions.map(({ provisions, audience }) => [provisions, audience])).toEqual([
      [['uncac/9'], 'PUBLIC'],
      [['uncac/46.9'], 'NAMED'],
    ]);
    expect(summarise([])).toEqual({ most: undefined, exceptions: [] });
  });

  it('say beforehand who gains and loses sight', () => {
    const needs = [need('uncac/9.1', 'PUBLIC'), need('uncac/9.2', 'NAMED', ['EX1']), need('uncac/44', 'RESTRICTED'), need('uncac/9.3', 'RESTRICTED')];
    expect(effectOf(needs, ['uncac/9'], { audience: 'NAMED', named: ['EX2'], until: '' })).toEqual({ gain: 2, lose: 2, same: 0 });
    expect(effectOf(needs, ['uncac'], { audience: 'PUBLIC', named: [], until: '' })).toEqual({ gain: 3, lose: 0, same: 1 });
  });

  it('are written as files write them', () => {
    expect(audienceText({ audience: 'NAMED', named: ['EX1', 'EX2'] })).toBe('NAMED:EX1|EX2');
    expect(audienceText({ audience: 'PUBLIC', named: ['EX1'] })).toBe('PUBLIC');
    expect(providerCodes('ex2, EX1;ex1 ?')).toEqual(['EX1', 'EX2']);
  });
});
