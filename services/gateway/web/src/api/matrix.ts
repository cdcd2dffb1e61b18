// A table of the matrix as pages use it: plain numbers instead of 64-bit ones, nothing missing.
import { firstQuestion, type Condition, type Question } from '../address/question';
import type { Dimension, Measure } from '../address/dimensions';
import type { Language } from '../texts/languages';
import type { Figure as FigureMessage, QueryMatrixReply } from './generated/uncac/needs/v1/needs_pb';
import { type Name, rememberNames } from './names';
import { needsMatrix } from './transport';

export interface Figure {
  value: number;
  withheld: boolean; // the reader may see nothing of it, whatever it holds
  empty: boolean; // a share without a base
  base: number;
  withheldCells: number; // State × provision in its coordinates that the reader may not see
}

export interface Row extends Name {
  figures: Figure[];
  total: Figure; // without columns: the one figure
}

export interface Matrix {
  rows: Row[];
  columns: Name[];
  columnTotals: Figure[];
  total: Figure;
  asOf: string;
  position: string;
  exercise: boolean;
}

export interface Ask {
  rows: Dimension;
  columns?: Dimension | '';
  measure?: Measure;
  where?: readonly Condition[];
  asOf?: string;
  language: Language;
  reader?: string; // the answer as this other reader would get it
  versionTokens?: string[]; // what the answer must already know
}

const nothing: Figure = { value: 0, withheld: false, empty: false, base: 0, withheldCells: 0 };

function toFigure(message: FigureMessage | undefined): Figure {
  if (!message) return nothing;
  return {
    value: message.value,
    withheld: message.withheld,
    empty: message.empty,
    base: Number(message.base),
    withheldCells: Number(message.withheldCells),
  };
}

function toMatrix(reply: QueryMatrixReply): Matrix {
  return {
    rows: reply.matrix.map((row) => ({
      code: row.header?.code ?? '',
      name: row.header?.name ?? '',
      figures: row.figures.map(toFigure),
      total: toFigure(reply.columns ? row.total : row.figures[0]),
    })),
    columns: reply.columnHeaders.map(({ code, name }) => ({ code, name })),
    columnTotals: reply.columnTotals.map(toFigure),
    total: toFigure(reply.total),
    asOf: reply.asOf,
    position: reply.position,
    exercise: reply.exercise,
  };
}

export async function askMatrix(ask: Ask, signal?: AbortSignal): Promise<Matrix> {
  const reply = await needsMatrix.queryMatrix(
    {
      rows: ask.rows,
      columns: ask.columns ?? '',
      measure: ask.measure ?? firstQuestion.measure,
      where: (ask.where ?? []).map(({ dimension, values }) => ({ dimension, values: [...values] })),
      asOf: ask.asOf ?? '',
      language: ask.language,
      reader: ask.reader ?? '',
      ...(ask.versionTokens?.length ? { freshness: { versionTokens: ask.versionTokens } } : {}),
    },
    signal ? { signal } : {},
  );
  const matrix = toMatrix(reply);
  // A table without conditions names every code of its dimension: no need to ask for the names again.
  if (!ask.where?.length) {
    rememberNames(ask.rows, ask.language, matrix.rows.map(({ code, name }) => ({ code, name })));
  }
  return matrix;
}

/** Names the question, for the store of answers. */
export function matrixKey(ask: Ask): string {
  return JSON.stringify(['matrix', ask.rows, ask.columns, ask.measure, ask.where, ask.asOf, ask.language, ask.reader, ask.versionTokens]);
}

export function askOf(question: Question, language: Language): Ask {
  return { ...question, language };
}
