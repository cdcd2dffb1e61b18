// Numbers, days and times of a language. Days are days in UTC, as everywhere in the system; times of
// day are the reader's own, except where a page says UTC.
import { formatTag, type Language } from './languages';

export interface Formats {
  number: (value: number) => string;
  percent: (fraction: number) => string;
  day: (iso: string) => string; // "2026-11-24" → 24 November 2026
  weekday: (iso: string) => string; // with the day of the week
  shortDay: (iso: string) => string; // 24 Nov 2026
  clock: (time: Date) => string; // 10:42, the reader's own
  clockUtc: (time: Date) => string;
  moment: (time: Date) => string; // day and time in UTC
  list: (parts: readonly string[]) => string;
}

const made = new Map<Language, Formats>();

export function formatsOf(language: Language): Formats {
  let formats = made.get(language);
  if (!formats) {
    formats = make(formatTag(language));
    made.set(language, formats);
  }
  return formats;
}

// A formatter is made when it is first used: making one costs more than a hundred uses.
function later<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

function make(tag: string): Formats {
  const utc = (options: Intl.DateTimeFormatOptions) => later(() => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options }));
  const number = later(() => new Intl.NumberFormat(tag));
  const percent = later(() => new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 }));
  const day = utc({ day: 'numeric', month: 'long', year: 'numeric' });
  const weekday = utc({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const shortDay = utc({ day: 'numeric', month: 'short', year: 'numeric' });
  const moment = utc({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const clock = later(() => new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }));
  const clockUtc = utc({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const list = later(() => new Intl.ListFormat(tag, { style: 'long', type: 'conjunction' }));
  const ofDay = (formatter: () => Intl.DateTimeFormat) => (iso: string) => {
    const time = new Date(`${iso.slice(0, 10)}T00:00:00Z`);
    return Number.isNaN(time.getTime()) ? iso : formatter().format(time);
  };
  return {
    number: (value) => number().format(value),
    percent: (fraction) => percent().format(fraction),
    day: ofDay(day),
    weekday: ofDay(weekday),
    shortDay: ofDay(shortDay),
    clock: (time) => clock().format(time),
    clockUtc: (time) => clockUtc().format(time),
    moment: (time) => moment().format(time),
    list: (parts) => list().format(parts),
  };
}
