import { describe, expect, it } from 'vitest';
import { cellConditions, exportLink, firstQuestion, mayBeSwapped, readQuestion, slipsOf, swapped, withCondition, writeQuestion } from '../src/address/question';

const read = (search: string) => readQuestion(new URLSearchParams(search));

describe('the question in the address', () => {
  it('is the first question where the address says nothing', () => {
    expect(read('')).toEqual(firstQuestion);
    expect(writeQuestion(firstQuestion).toString()).toBe('');
  });

  it('comes back as it was written', () => {
    const question = {
      rows: 'type' as const,
      columns: '' as const,
      measure: 'share_of_respondents' as const,
      where: [
        { dimension: 'subregion' as const, values: ['Western Africa', 'Eastern Africa'] },
        { dimension: 'article' as const, values: ['uncac/44'] },
      ],
      asOf: '2015-12-31',
    };
    expect(read(writeQuestion(question).toString())).toEqual(question);
  });

  it('leaves out what it does not understand', () => {
    expect(read('rows=colour&measure=score&as_of=tomorrow&where=colour:RED&where=state:')).toEqual(firstQuestion);
  });

  it('tells what it does not understand', () => {
    const slips = (search: string) => slipsOf(new URLSearchParams(search));
    expect(slips('rows=article&columns=none&where=type:LEGAL_ADVICE&as_of=2015-12-31&language=fr')).toEqual([]);
    expect(slips('rows=colour&type=NO_SUCH_TYPE&where=state:')).toEqual(['rows=colour', 'type=NO_SUCH_TYPE', 'where=state:']);
    expect(slips(writeQuestion({ ...firstQuestion, columns: '', asOf: '2015-12-31' }).toString())).toEqual([]);
  });

  it('never has States, or what is in the rows, as columns', () => {
    expect(read('columns=state').columns).toBe('');
    expect(read('rows=regional_group').columns).toBe('');
  });

  it('swaps only where the rows may be columns', () => {
    expect(swapped(firstQuestion)).toMatchObject({ rows: 'regional_group', columns: 'article' });
    expect(mayBeSwapped({ ...firstQuestion, rows: 'state' })).toBe(false);
  });

  it('narrows to a cell without losing its own conditions', () => {
    const question = { ...firstQuestion, where: [{ dimension: 'type' as const, values: ['LEGAL_ADVICE'] }] };
    expect(cellConditions(question, 'uncac/44', 'AFR')).toEqual([
      { dimension: 'type', values: ['LEGAL_ADVICE'] },
      { dimension: 'article', values: ['uncac/44'] },
      { dimension: 'regional_group', values: ['AFR'] },
    ]);
  });

  it('replaces a condition on the same dimension', () => {
    const where = withCondition([{ dimension: 'state', values: ['KEN'] }], 'state', ['UGA']);
    expect(where).toEqual([{ dimension: 'state', values: ['UGA'] }]);
    expect(withCondition(where, 'state', [])).toEqual([]);
  });

  it('exports the same question', () => {
    expect(exportLink(firstQuestion, 'csv', 'fr')).toBe(
      '/export/matrix.csv?rows=article&columns=regional_group&measure=states_stating&language=fr',
    );
  });
});
