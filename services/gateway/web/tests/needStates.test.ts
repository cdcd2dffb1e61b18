import { describe, expect, it } from 'vitest';
import { stopAt, stopsFrom } from '../src/pages/needs/asOfStops';
import { partsOf } from '../src/pages/needs/needStates';

describe('the bar of a row', () => {
  it('has every State once, in the first state that holds for it', () => {
    expect(partsOf(107, 141, 143, 143, 197)).toEqual({ STATED: 107, NONE_STATED: 34, NOT_ANSWERED: 2, NOT_ASKED: 0, WITHHELD: 54 });
  });

  it('never has less than nothing, though questions were answered a moment apart', () => {
    expect(partsOf(5, 4, 4, 4, 4)).toMatchObject({ STATED: 5, NONE_STATED: 0 });
  });
});

describe('the days of the track', () => {
  const stops = stopsFrom(2007, '2010-03-01');
  it('are the ends of the years and today', () => {
    expect(stops.map(({ day }) => day)).toEqual(['2007-12-31', '2008-12-31', '2009-12-31', '']);
  });
  it('find the last one not after a day', () => {
    expect(stopAt(stops, '')).toBe(3);
    expect(stopAt(stops, '2008-12-31')).toBe(1);
    expect(stopAt(stops, '2009-06-01')).toBe(1);
    expect(stopAt(stops, '2001-01-01')).toBe(0);
  });
});
