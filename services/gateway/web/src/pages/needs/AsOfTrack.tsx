// Days to ask about, as a range over the history: the ends of the years and today. Behind it, how many
// States answered in each round.
import { useEffect, useId, useState } from 'react';
import type { Matrix } from '../../api/matrix';
import { useTexts } from '../../texts/useTexts';
import { type Stop, stopAt } from './asOfStops';

/** The years below the track: those of rounds, and the last; too near the one before for a narrow screen. */
function labelled(stops: readonly Stop[], rounds: Matrix | undefined): { at: number; year: number; tight: boolean }[] {
  const years = new Set(rounds?.rows.map(({ code }) => Number(code)));
  let before = -Infinity;
  return stops.flatMap(({ year }, at) => {
    if (at !== stops.length - 1 && !years.has(year)) return [];
    const tight = at - before < stops.length / 6;
    if (!tight) before = at;
    return [{ at, year, tight }];
  });
}

interface Props {
  stops: readonly Stop[];
  asOf: string;
  today: string;
  rounds: Matrix | undefined;
  choose: (day: string) => void;
}

export function AsOfTrack({ stops, asOf, today, rounds, choose }: Props) {
  const { t, format } = useTexts();
  const id = useId();
  const chosen = stopAt(stops, asOf);
  const [shown, setShown] = useState(chosen);
  useEffect(() => setShown(chosen), [chosen]);
  // While the knob is drawn along, only where it rests is asked for.
  useEffect(() => {
    if (shown === chosen) return;
    const timer = setTimeout(() => choose(stops[shown]?.day ?? ''), 200);
    return () => clearTimeout(timer);
  }, [shown, chosen, stops, choose]);

  const last = Math.max(stops.length - 1, 1);
  const place = (at: number) => `${(at / last) * 100}%`;
  const most = Math.max(1, ...(rounds?.rows.map((row) => row.total.base) ?? []));
  const stop = stops[shown]?.day ?? '';
  const day = shown === chosen && asOf !== '' ? asOf : stop === '' ? today : stop;
  const isToday = shown === stops.length - 1 && day === today;
  const dayText = isToday ? t('asOf.today', { day: format.day(today) }) : format.day(day);

  return (
    <div className="as-of">
      <p className="as-of-head">
        <label htmlFor={id}>
          {t('asOf.label')} <b>{dayText}</b>
        </label>
        <span className="as-of-note">{t('asOf.sharing')}</span>
      </p>
      <div className="track">
        <div className="track-rounds" aria-hidden="true">
          {rounds?.rows.map((row) => {
            const at = stops.findIndex((stop) => stop.year === Number(row.code));
            if (at < 0) return null;
            return (
              <span
                key={row.code}
                className={at <= shown ? 'round reached' : 'round'}
                style={{ insetInlineStart: place(at), blockSize: `${(row.total.base / most) * 100}%` }}
              />
            );
          })}
        </div>
        <input
          id={id}
          type="range"
          min={0}
          max={stops.length - 1}
          step={1}
          value={shown}
          aria-valuetext={dayText}
          onChange={(event) => setShown(Number(event.currentTarget.value))}
        />
        <div className="track-years" aria-hidden="true">
          {labelled(stops, rounds).map(({ at, year, tight }) => (
            <span key={year} className={tight ? 'tight' : ''} style={{ insetInlineStart: place(at) }}>
              {year}
            </span>
          ))}
        </div>
      </div>
      <p className="as-of-legend">{t('asOf.rounds')}</p>
    </div>
  );
}
