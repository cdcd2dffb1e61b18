import { describe, expect, it } from 'vitest';
import { formatsOf } from '../src/texts/format';
import { chooseLanguage, directionOf } from '../src/texts/languages';
import { parts, slot } from '../src/texts/sentence';

describe('sentences with slots', () => {
  it('are cut at their slots, in whatever order', () => {
    expect(parts(`How many ${slot('measure')} for ${slot('types')}?`)).toEqual([
      { text: 'How many ' },
      { slot: 'measure' },
      { text: ' for ' },
      { slot: 'types' },
      { text: '?' },
    ]);
    expect(parts(`${slot('b')}${slot('a')}`)).toEqual([{ slot: 'b' }, { slot: 'a' }]);
    expect(parts('plain')).toEqual([{ text: 'plain' }]);
  });
});

describe('languages', () => {
  it('are the stored one, else the first that the browser prefers and the pages have', () => {
    expect(chooseLanguage('ru', ['fr'])).toBe('ru');
    expect(chooseLanguage('', ['sw', 'ar-EG', 'en'])).toBe('ar');
    expect(chooseLanguage('xx', ['sw'])).toBe('en');
    expect(directionOf('ar')).toBe('rtl');
  });

  it('write digits 0 to 9 in Arabic too, and days in UTC', () => {
    expect(formatsOf('ar').number(1262)).toMatch(/^[0-9٬,.]+$/);
    expect(formatsOf('ar').day('2026-11-24')).toContain('24');
    expect(formatsOf('en').day('2026-11-24')).toBe('24 November 2026');
    expect(formatsOf('en').day('not a day')).toBe('not a day');
  });
});
