// The days that the track over the history stops at.
export interface Stop {
  day: string; // empty: today
  year: number;
}

/** From the end of the first round's year to today. */
export function stopsFrom(firstYear: number, today: string): Stop[] {
  const thisYear = Number(today.slice(0, 4));
  const stops: Stop[] = [];
  for (let year = firstYear; year < thisYear; ++year) stops.push({ day: `${year}-12-31`, year });
  stops.push({ day: '', year: thisYear });
  return stops;
}

/** The last stop that is not after the day. */
export function stopAt(stops: readonly Stop[], day: string): number {
  if (!day) return stops.length - 1;
  const later = stops.findIndex((stop) => stop.day === '' || stop.day > day);
  return Math.max(0, later - 1);
}
