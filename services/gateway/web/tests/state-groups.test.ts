import { describe, expect, it } from 'vitest';
import type { Figure, Matrix } from '../src/api/matrix';
import { groupsOf } from '../src/parts/state-groups';

const figure = (more: Partial<Figure> = {}): Figure => ({ value: 0, withheld: false, empty: false, base: 0, withheldCells: 0, ...more });

describe('States by group', () => {
  const shares = figure({ value: 1, base: 1, withheldCells: 12 });
  const sharesNothing = figure({ withheld: true, withheldCells: 203 });
  const matrix: Matrix = {
    rows: [
      { code: 'ARM', name: 'Armenia', figures: [figure(), sharesNothing], total: sharesNothing },
      { code: 'KEN', name: 'Kenya', figures: [shares, figure()], total: shares },
    ],
    columns: [
      { code: 'AFRICAN', name: 'African States' },
      { code: 'EASTERN_EUROPEAN', name: 'Eastern European States' },
    ],
    columnTotals: [],
    total: figure(),
    asOf: '2024-01-01',
    position: '',
    exercise: true,
  };

  it('have every State in its own group, whatever it shares', () => {
    expect(groupsOf(matrix).map(({ code, states }) => [code, states.map((state) => state.code)])).toEqual([
      ['AFRICAN', ['KEN']],
      ['EASTERN_EUROPEAN', ['ARM']],
    ]);
  });
});
