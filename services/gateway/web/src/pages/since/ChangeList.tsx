import { Fragment } from 'react';
import { audiences } from '../../address/dimensions';
import { numberOf } from '../../address/provision';
import { type Names, useNames } from '../../api/names';
import { Icon } from '../../parts/Icon';
import { Link } from '../../parts/Link';
import { NeedMark } from '../../parts/marks';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';
import type { ChangeKind, Day, Entry } from './changes';

// More of one State on one day is folded: a sharing decision on all provisions is one event to a reader.
const folded = 12;

export function ChangeMark({ kind }: { kind: ChangeKind }) {
  if (kind === 'shown') return <Icon name="eye" className="mark" />;
  return <NeedMark state={kind === 'stated' ? 'STATED' : kind === 'removed' ? 'NONE_STATED' : 'WITHHELD'} />;
}

export function ChangeList({ days }: { days: readonly Day[] }) {
  const { t, language, format } = useTexts();
  const today = useToday();
  const states = useNames('state', language);
  const provisions = useNames('provision', language);
  const types = useNames('type', language);
  return days.map(({ day, states: ofDay, count }) => (
    <section key={day} className="day">
      <h2>
        {format.weekday(day)}{' '}
        <span>{day === today ? t('since.todayCount', { count }) : t('since.dayCount', { count })}</span>
      </h2>
      <ul>
        {ofDay.map(({ state, entries }) => (
          <Fragment key={state}>
            {entries.slice(0, folded).map((entry, at) => (
              <li key={entry.id} className={at > 0 ? 'same-state' : ''}>
                <ChangeLine entry={entry} state={states.of(state)} provisions={provisions} types={types} />
              </li>
            ))}
            {entries.length > folded && (
              <li>
                <details className="fold">
                  <summary>{t('since.fold', { state: states.of(state), count: entries.length - folded })}</summary>
                  <ul>
                    {entries.slice(folded).map((entry) => (
                      <li key={entry.id} className="same-state">
                        <ChangeLine entry={entry} state={states.of(state)} provisions={provisions} types={types} />
                      </li>
                    ))}
                  </ul>
                </details>
              </li>
            )}
          </Fragment>
        ))}
      </ul>
    </section>
  ));
}

interface LineProps {
  entry: Entry;
  state: string;
  provisions: Names;
  types: Names;
}

function ChangeLine({ entry, state, provisions, types }: LineProps) {
  const { t, format } = useTexts();
  const { kind, checklist, round, statedOn, priority } = entry;
  const audience = audiences.find((one) => one === entry.audience);
  const detail =
    kind === 'stated'
      ? t('since.detail.stated', { checklist, round: String(round) })
      : kind === 'shown'
        ? t('since.detail.shown', { day: format.shortDay(statedOn), audience: audience ? t(`audience.${audience}`) : '' })
        : t(`since.detail.${kind}`);
  const typeNames = entry.types.map(types.of).join(' · ');
  const stated = priority ? `${typeNames} · ${t('since.priority', { priority: t(`priority.${priority}`) })}` : typeNames;
  return (
    <Link className="change" href={`/country/${entry.state}?need=${encodeURIComponent(entry.keys[0] ?? '')}`}>
      <span className="who">{state}</span>
      <span className="what">
        <ChangeMark kind={kind} />
        <span>
          {t(`since.kind.${kind}`)}
          <small>{detail}</small>
        </span>
      </span>
      <span className="which">
        <bdi>{numberOf(entry.provision)}</bdi>
        <span>
          {provisions.of(entry.provision)}
          <small>{stated}</small>
        </span>
      </span>
      <time dateTime={entry.time}>{format.clockUtc(new Date(entry.time))}</time>
    </Link>
  );
}
