// States by regional group, by name in the reader's language. A tile carries no answer and no shade.
import { useMemo } from 'react';
import { useAnswer } from '../api/answer';
import { askMatrix, matrixKey } from '../api/matrix';
import { ChartFigure } from '../charts/ChartFigure';
import { needStates } from '../address/dimensions';
import { useTexts } from '../texts/useTexts';
import { FailureNotice } from './FailureNotice';
import { Link } from './Link';
import { SkeletonRows } from './Skeleton';
import { groupsOf } from './state-groups';
import '../charts/charts.css';

export function StateTiles() {
  const { t, language, format } = useTexts();
  const ask = {
    rows: 'state',
    columns: 'regional_group',
    where: [{ dimension: 'need_state' as const, values: [...needStates] }],
    language,
  } as const;
  const answer = useAnswer(matrixKey(ask), (signal) => askMatrix(ask, signal));
  const groups = useMemo(() => (answer.value ? groupsOf(answer.value) : []), [answer.value]);
  if (answer.failure && !answer.value) return <FailureNotice failure={answer.failure} reload={answer.reload} />;
  if (!answer.value) return <SkeletonRows rows={8} columns={5} />;
  return (
    <ChartFigure
      full
      title={t('tiles.title')}
      subtitle={t('tiles.subtitle')}
      source={t('tiles.source')}
      chart={
        <div className="tiles">
          {groups.map((group) => (
            <section key={group.code} className={`tile-group ${group.code}`} aria-label={group.name}>
              <h4>
                {group.name} <span>{format.number(group.states.length)}</span>
              </h4>
              <ul>
                {group.states.map(({ code, name }) => (
                  <li key={code}>
                    <Link className="tile" href={`/country/${code}`} title={name}>
                      <bdi aria-hidden="true">{code}</bdi>
                      <span className="unseen">{name}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      }
      table={
        <div className="name-columns">
          {groups.map((group) => (
            <section key={group.code} aria-label={group.name}>
              <h4>{group.name}</h4>
              <ul>
                {group.states.map(({ code, name }) => (
                  <li key={code}>
                    <Link href={`/country/${code}`}>{name}</Link>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      }
    />
  );
}
