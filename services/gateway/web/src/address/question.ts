// A question to the matrix and its form in the address: one that somebody sends is the same question
// for whoever opens it.
import { type ColumnDimension, columnDimensions, type Dimension, isColumnDimension, isDimension, isMeasure, type Measure } from './dimensions';

export interface Condition {
  dimension: Dimension;
  values: readonly string[];
}

export interface Question {
  rows: Dimension;
  columns: ColumnDimension | ''; // empty: one figure a row
  measure: Measure;
  where: Condition[]; // all of them; any value of each
  asOf: string; // day in UTC; empty = today
}

export const firstQuestion: Question = {
  rows: 'article',
  columns: 'regional_group',
  measure: 'states_stating',
  where: [],
  asOf: '',
};

const day = /^\d{4}-\d{2}-\d{2}$/;

const isValueOf: Record<string, (value: string) => boolean> = {
  rows: isDimension,
  columns: (value) => value === '' || value === 'none' || columnDimensions.some((one) => one === value),
  measure: isMeasure,
  as_of: (value) => value === '' || day.test(value),
  where: (value) => readConditions(new URLSearchParams({ where: value })).length > 0,
  language: () => true,
};

/** What of an address is no part of a question, as it stands there: the rest of it is another question. */
export function slipsOf(search: URLSearchParams): string[] {
  return [...search].filter(([name, value]) => !isValueOf[name]?.(value)).map(([name, value]) => `${name}=${value}`);
}

/** Reads what it understands and leaves out the rest, which `slipsOf` tells. */
export function readQuestion(search: URLSearchParams): Question {
  const rows = search.get('rows') ?? '';
  const columns = search.get('columns');
  const measure = search.get('measure') ?? '';
  const asOf = search.get('as_of') ?? '';
  const question: Question = {
    rows: isDimension(rows) ? rows : firstQuestion.rows,
    columns: columns === null ? firstQuestion.columns : (columnDimensions.find((one) => one === columns) ?? ''),
    measure: isMeasure(measure) ? measure : firstQuestion.measure,
    where: readConditions(search),
    asOf: day.test(asOf) ? asOf : '',
  };
  if (question.columns === question.rows) question.columns = '';
  return question;
}

export function readConditions(search: URLSearchParams): Condition[] {
  const where: Condition[] = [];
  for (const text of search.getAll('where')) {
    const colon = text.indexOf(':');
    const dimension = text.slice(0, colon);
    const values = text.slice(colon + 1).split(',').filter(Boolean);
    if (colon > 0 && isDimension(dimension) && values.length > 0) where.push({ dimension, values });
  }
  return where;
}

export function writeConditions(where: readonly Condition[], search: URLSearchParams): void {
  for (const { dimension, values } of where) search.append('where', `${dimension}:${values.join(',')}`);
}

/** The shortest address: what is as at the first visit is left out. */
export function writeQuestion(question: Question): URLSearchParams {
  const search = new URLSearchParams();
  if (question.rows !== firstQuestion.rows) search.set('rows', question.rows);
  if (question.columns !== firstQuestion.columns) search.set('columns', question.columns || 'none');
  if (question.measure !== firstQuestion.measure) search.set('measure', question.measure);
  writeConditions(question.where, search);
  if (question.asOf) search.set('as_of', question.asOf);
  return search;
}

export function conditionOf(where: readonly Condition[], dimension: Dimension): readonly string[] {
  return where.find((condition) => condition.dimension === dimension)?.values ?? [];
}

/** With this condition instead of another on the same dimension; without values: without it. */
export function withCondition(where: readonly Condition[], dimension: Dimension, values: readonly string[]): Condition[] {
  const others = where.filter((condition) => condition.dimension !== dimension);
  return values.length === 0 ? others : [...others, { dimension, values }];
}

export const mayBeSwapped = (question: Question): boolean =>
  question.columns !== '' && isColumnDimension(question.rows);

export function swapped(question: Question): Question {
  return question.columns !== '' && isColumnDimension(question.rows)
    ? { ...question, rows: question.columns, columns: question.rows }
    : question;
}

// An export has a parameter for each dimension.
function filter(where: readonly Condition[], search: URLSearchParams): void {
  for (const { dimension, values } of where) search.set(dimension, values.join(','));
}

export function exportLink(question: Question, format: 'csv' | 'xlsx', language: string): string {
  const search = new URLSearchParams({ rows: question.rows });
  if (question.columns) search.set('columns', question.columns);
  search.set('measure', question.measure);
  filter(question.where, search);
  if (question.asOf) search.set('as_of', question.asOf);
  search.set('language', language);
  return `/export/matrix.${format}?${search}`;
}

export function needsExportLink(where: readonly Condition[], format: 'csv' | 'jsonl'): string {
  const search = new URLSearchParams();
  filter(where, search);
  return `/export/needs.${format}?${search}`;
}

/** The conditions of one cell: the question's own, with its row and column. */
export function cellConditions(question: Question, row: string | undefined, column: string | undefined): Condition[] {
  let { where } = question;
  if (row !== undefined) where = withCondition(where, question.rows, [row]);
  if (column !== undefined && question.columns) where = withCondition(where, question.columns, [column]);
  return where;
}
