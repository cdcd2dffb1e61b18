// The checklist as a file: read to show what stands at a problem, written from a version so that it can
// be amended. The service has the last word about both.
import { treatyOrder } from '../../address/provision';
import type { Answer, Response } from '../../api/responses';
import { audienceText, type Choice } from '../../api/sharing-text';

export const columns = [
  'state',
  'checklist',
  'round',
  'submitted_on',
  'language',
  'provision',
  'compliance',
  'measures',
  'challenges',
  'challenges_text',
  'type',
  'type_text',
  'state_priority',
  'received_from',
  'received_type',
  'would_extend',
  'audience',
  'audience_until',
] as const;

export interface Table {
  header: string[];
  /** Records with the line of the file that each begins in, counted from 1. */
  records: { line: number; fields: string[] }[];
}

/** RFC 4180, with `,` or `;` between fields and with or without a byte order mark. */
export function readCsv(text: string): Table {
  const source = text.replace(/^\uFEFF/, '');
  const firstLine = source.slice(0, Math.max(0, source.search(/\r?\n/)) || source.length);
  const separator = count(firstLine, ';') > count(firstLine, ',') ? ';' : ',';
  const records: Table['records'] = [];
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const endField = () => {
    fields.push(field);
    field = '';
  };
  const endRecord = () => {
    endField();
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begun, fields });
    fields = [];
    begun = line;
  };
  for (let at = 0; at < source.length; ++at) {
    const character = source.charAt(at);
    if (character === '\n') line += 1;
    if (quoted) {
      if (character !== '"') field += character;
      else if (source.charAt(at + 1) === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === separator) endField();
    else if (character === '\n') endRecord();
    else if (character !== '\r') field += character;
  }
  if (field !== '' || fields.length > 0) endRecord();
  const [first, ...rest] = records;
  return { header: first?.fields.map((name) => name.trim().toLowerCase()) ?? [], records: rest };
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** What stands in the file at a problem; undefined where the file has no such place. */
export function cellAt(table: Table, row: number, column: string): string | undefined {
  const at = table.header.indexOf(column);
  // A record may go over several lines; a problem names the one that it begins in.
  return at < 0 ? undefined : table.records.find(({ line }) => line === row)?.fields[at];
}

export interface FileNeed {
  state: string;
  checklist: string;
  round: number;
  provision: string;
  type: string;
}

export interface Contents {
  /** The responses that its rows belong to. */
  keys: { state: string; checklist: string; round: number }[];
  answered: Set<string>;
  needs: FileNeed[];
  audiences: number;
}

/** Provisions that the file answers, and the needs that it states. */
export function contentsOf(table: Table): Contents {
  const at = (name: (typeof columns)[number]) => table.header.indexOf(name);
  const places = { state: at('state'), checklist: at('checklist'), round: at('round'), provision: at('provision'), compliance: at('compliance'), type: at('type'), audience: at('audience') };
  const answered = new Set<string>();
  const needs: FileNeed[] = [];
  const keys = new Map<string, Contents['keys'][number]>();
  let audiences = 0;
  for (const { fields } of table.records) {
    const value = (place: number) => fields[place]?.trim() ?? '';
    const compliance = value(places.compliance);
    const key = { state: value(places.state), checklist: value(places.checklist), round: Number(value(places.round)) };
    keys.set(Object.values(key).join(' '), key);
    if (value(places.audience)) audiences += 1;
    if (!compliance || compliance === 'NOT_ANSWERED') continue;
    const provision = value(places.provision);
    answered.add(provision);
    const type = value(places.type);
    if (!type || type === 'NO_ASSISTANCE_REQUIRED') continue;
    needs.push({ ...key, provision, type });
  }
  return { keys: [...keys.values()], answered, needs, audiences };
}

/** In treaty order, whether answered or not. */
export function provisionsOf(table: Table): string[] {
  const at = table.header.indexOf('provision');
  const all = new Set(table.records.map(({ fields }) => fields[at]?.trim() ?? ''));
  all.delete('');
  return [...all].sort(treatyOrder);
}

/**
 * The same file with these choices in the rows of their provisions. Each record begins in the line that it
 * began in, so that a problem is still found by its row.
 */
export function withAudiences(table: Table, choices: ReadonlyMap<string, Choice>): string {
  // Columns that it does not have come first: behind, a row with a field too many would fill them.
  const added = (['audience', 'audience_until'] as const).filter((name) => !table.header.includes(name));
  const header = [...added, ...table.header];
  const [provision, audience, until] = (['provision', 'audience', 'audience_until'] as const).map((name) => header.indexOf(name));
  let text = header.map(quoted).join(',');
  let line = 1;
  for (const record of table.records) {
    const fields = [...added.map(() => ''), ...record.fields];
    const choice = choices.get(fields[provision ?? -1]?.trim() ?? '');
    if (choice) {
      while (fields.length < header.length) fields.push('');
      fields[audience ?? 0] = audienceText(choice);
      fields[until ?? 0] = choice.until;
    }
    text += '\n'.repeat(Math.max(1, record.line - line)) + fields.map(quoted).join(',');
    line = Math.max(line + 1, record.line) + fields.reduce((sum, one) => sum + count(one, '\n'), 0);
  }
  return `${text}\n`;
}

// A spreadsheet would take such a text for a formula; the service writes and reads the apostrophe too.
const neutral = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const quoted = (text: string): string => (/[,;"\r\n\t]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const field = (text: string): string => quoted(neutral(text));

/** A version as a file in which to amend it: the day of filing is left to the service. */
export function writeCsv(response: Response): string {
  const sharing = new Map(response.sharing.map((choice) => [choice.provision, choice]));
  const lines = [[...columns, ...(response.exercise ? ['exercise'] : [])].join(',')];
  for (const answer of response.answers) {
    const choice = sharing.get(answer.provision);
    const needed: (Answer['needed'][number] | undefined)[] = answer.needed.length ? answer.needed : [undefined];
    for (const need of needed) {
      const values: Record<(typeof columns)[number], string> = {
        state: response.state,
        checklist: response.checklist,
        round: String(response.round),
        submitted_on: '',
        language: answer.language,
        provision: answer.provision,
        compliance: answer.compliance,
        measures: answer.measures,
        challenges: answer.challenges.join('|'),
        challenges_text: answer.challengesText,
        type: need?.type ?? '',
        type_text: need?.text ?? '',
        state_priority: need?.priority ?? '',
        received_from: answer.receivedFrom.join('|'),
        received_type: answer.receivedTypes.join('|'),
        would_extend: answer.wouldExtend,
        audience: choice ? audienceText(choice) : '',
        audience_until: choice?.until ?? '',
      };
      lines.push([...columns.map((column) => field(values[column])), ...(response.exercise ? ['YES'] : [])].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
