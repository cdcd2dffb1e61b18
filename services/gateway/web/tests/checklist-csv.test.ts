import { describe, expect, it } from 'vitest';
import type { Response } from '../src/api/responses';
import { cellAt, contentsOf, provisionsOf, readCsv, withAudiences, writeCsv } from '../src/pages/response/checklist-csv';
import { effectOf } from '../src/pages/response/effect';

describe('reading a checklist file', () => {
  it('takes both separators, quotes, line breaks in fields and a byte order mark', () => {
    const table = readCsv('\uFEFFstate;provision;measures\r\nKEN;uncac/5;"Act 1; ""new""\nsection 2"\r\nKEN;uncac/6;x\r\n');
    expect(table.header).toEqual(['state', 'provision', 'measures']);
    expect(table.records).toEqual([
      { line: 2, fields: ['KEN', 'uncac/5', 'Act 1; "new"\nsection 2'] },
      { line: 4, fields: ['KEN', 'uncac/6', 'x'] },
    ]);
    expect(cellAt(table, 4, 'measures')).toBe('x');
    expect(cellAt(table, 3, 'measures')).toBeUndefined();
    expect(cellAt(table, 4, 'type')).toBeUndefined();
  });

  it('finds what it answers and which needs it states', () => {
    const table = readCsv(
      'state,checklist,round,provision,compliance,type,audience\n' +
        'KEN,uncac-comprehensive,2026,uncac/5.1,NO,LEGAL_ADVICE,\n' +
        'KEN,uncac-comprehensive,2026,uncac/5.2,YES,NO_ASSISTANCE_REQUIRED,PUBLIC\n' +
        'KEN,uncac-comprehensive,2026,uncac/5.3,NOT_ANSWERED,,\n',
    );
    const contents = contentsOf(table);
    expect([...contents.answered]).toEqual(['uncac/5.1', 'uncac/5.2']);
    expect(contents.needs).toEqual([{ state: 'KEN', checklist: 'uncac-comprehensive', round: 2026, provision: 'uncac/5.1', type: 'LEGAL_ADVICE' }]);
    expect(contents.audiences).toBe(1);
    const standing = [
      { provision: 'uncac/5.1', type: 'ACTION_PLAN' },
      { provision: 'uncac/5.3', type: 'LEGAL_ADVICE' },
    ] as unknown as Parameters<typeof effectOf>[1];
    expect(effectOf(contents, standing)).toEqual({ now: 2, gone: 1, anew: 1, then: 2 });
  });
});

describe('another audience for single provisions', () => {
  const choices = new Map([['uncac/46', { audience: 'NAMED' as const, named: ['EX1', 'EX2'], until: '2030-01-31' }]]);

  it('stands in every row of them, and in no other', () => {
    const table = readCsv('state,provision,audience,audience_until\nKEN,uncac/9,PUBLIC,\nKEN,uncac/46,PUBLIC,\nKEN,uncac/46\n');
    expect(provisionsOf(table)).toEqual(['uncac/9', 'uncac/46']);
    expect(withAudiences(table, choices)).toBe(
      'state,provision,audience,audience_until\nKEN,uncac/9,PUBLIC,\nKEN,uncac/46,NAMED:EX1|EX2,2030-01-31\nKEN,uncac/46,NAMED:EX1|EX2,2030-01-31\n',
    );
  });

  it('brings columns that the file has not, and takes no field too many for one of them', () => {
    const table = readCsv('state,provision\nKEN,uncac/9,PUBLIC\nKEN,uncac/46\n');
    expect(withAudiences(table, choices)).toBe(
      'audience,audience_until,state,provision\n,,KEN,uncac/9,PUBLIC\nNAMED:EX1|EX2,2030-01-31,KEN,uncac/46\n',
    );
  });

  it('leaves every row in its line, with what it says', () => {
    const text = 'state;provision;measures\r\n\r\nKEN;uncac/5;"Act, ""new""\nsection 2"\r\n\r\nKEN;uncac/46;=x\r\n';
    const before = readCsv(text);
    const after = readCsv(withAudiences(before, choices));
    expect(after.records.map(({ line }) => line)).toEqual(before.records.map(({ line }) => line));
    expect(after.records.map(({ fields }) => fields.slice(2))).toEqual(before.records.map(({ fields }) => fields));
  });
});

describe('writing a version as a file', () => {
  const response: Response = {
    state: 'KEN',
    checklist: 'uncac-2007',
    round: 2026,
    version: 1,
    submittedOn: '2026-11-24',
    status: 'SUBMITTED',
    exercise: false,
    sharing: [{ provision: 'uncac/5', audience: 'NAMED', named: ['EX1', 'EX2'], until: '2027-12-31' }],
    answers: [
      {
        provision: 'uncac/5',
        compliance: 'NO',
        measures: '=1+1, "Act"',
        challenges: ['INTERAGENCY', 'OTHER'],
        challengesText: '',
        needed: [
          { type: 'LEGAL_ADVICE', text: '', priority: 'HIGH' },
          { type: 'OTHER', text: 'maps', priority: undefined },
        ],
        receivedFrom: ['A', 'B'],
        receivedTypes: [],
        wouldExtend: 'YES',
        language: 'en',
      },
    ],
  };
  it('gives a row for each type, and reads back what it wrote', () => {
    const table = readCsv(writeCsv(response));
    expect(table.records).toHaveLength(2);
    expect(cellAt(table, 2, 'measures')).toBe(`'=1+1, "Act"`);
    expect(cellAt(table, 2, 'challenges')).toBe('INTERAGENCY|OTHER');
    expect(cellAt(table, 3, 'type_text')).toBe('maps');
    expect(cellAt(table, 3, 'audience')).toBe('NAMED:EX1|EX2');
    expect(cellAt(table, 3, 'submitted_on')).toBe('');
    expect(table.header).toHaveLength(18);
  });
  it('says of an exercise that it is one', () => {
    expect(cellAt(readCsv(writeCsv({ ...response, exercise: true })), 2, 'exercise')).toBe('YES');
  });
});
