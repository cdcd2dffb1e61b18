import { describe, expect, it } from 'vitest';
import { articleOf, chapterOf, items, needParts, numberOf, treatyOrder } from '../src/address/provision';

describe('provisions', () => {
  it('know their article, number and chapter', () => {
    expect(articleOf('uncac/46.9')).toBe('uncac/46');
    expect(numberOf('uncac/46.9')).toBe('46.9');
    expect(['uncac/5', 'uncac/14.4', 'uncac/15', 'uncac/42', 'uncac/43', 'uncac/51', 'uncac/59'].map(chapterOf)).toEqual(['II', 'II', 'III', 'III', 'IV', 'V', 'V']);
    expect(chapterOf('uncac/60')).toBeUndefined();
  });

  it('stand in treaty order, ten after nine', () => {
    const codes = ['uncac/46.10', 'uncac/5', 'uncac/46.9.b', 'uncac/46', 'uncac/46.9', 'uncac/5.1'];
    expect([...codes].sort(treatyOrder)).toEqual(['uncac/5', 'uncac/5.1', 'uncac/46', 'uncac/46.9', 'uncac/46.9.b', 'uncac/46.10']);
  });

  it('are items unless something stands below them', () => {
    expect(items(['uncac/5', 'uncac/5.1', 'uncac/5.2', 'uncac/10'])).toEqual(['uncac/5.1', 'uncac/5.2', 'uncac/10']);
  });

  it('are the middle of a key', () => {
    expect(needParts('KEN:uncac/44.4:LEGAL_ADVICE')).toEqual({ state: 'KEN', provision: 'uncac/44.4', type: 'LEGAL_ADVICE' });
  });
});
