// The dimensions of the matrix that a page offers. `coverage` and `provider` need the records of
// projects, which the service does not have yet and refuses.
export const dimensions = [
  'article',
  'provision',
  'chapter',
  'obligation',
  'type',
  'regional_group',
  'subregion',
  'state_set',
  'state',
  'compliance',
  'challenge',
  'round',
  'need_state',
] as const;
export type Dimension = (typeof dimensions)[number];

export const isDimension = (text: string): text is Dimension => (dimensions as readonly string[]).includes(text);

// As columns, States or paragraphs would be a table wider than anybody reads.
export type ColumnDimension = Exclude<Dimension, 'state' | 'provision'>;
export const isColumnDimension = (dimension: Dimension): dimension is ColumnDimension =>
  dimension !== 'state' && dimension !== 'provision';
export const columnDimensions: readonly ColumnDimension[] = dimensions.filter(isColumnDimension);

export const measures = ['states_stating', 'needs_stated', 'share_of_respondents', 'response_rate'] as const;
export type Measure = (typeof measures)[number];

export const isMeasure = (text: string): text is Measure => (measures as readonly string[]).includes(text);

/** Fractions of one, shown in per cent. */
export const isShare = (measure: Measure): boolean => measure === 'share_of_respondents' || measure === 'response_rate';

export const needStates = ['STATED', 'NONE_STATED', 'NOT_ANSWERED', 'WITHHELD', 'NOT_ASKED'] as const;
export type NeedState = (typeof needStates)[number];

/** What a State itself says of a need; it may leave it out. */
const priorities = ['HIGH', 'MEDIUM', 'LOW'] as const;
export type Priority = (typeof priorities)[number];
export const toPriority = (code: string): Priority | undefined => priorities.find((priority) => priority === code);

export const coverages = ['UNADDRESSED', 'OFFERED', 'PLANNED', 'ONGOING', 'DELIVERED', 'RESOLVED'] as const;
export type Coverage = (typeof coverages)[number];

export const audiences = ['RESTRICTED', 'NAMED', 'PROVIDERS', 'PUBLIC'] as const;
export type AudienceCode = (typeof audiences)[number];
