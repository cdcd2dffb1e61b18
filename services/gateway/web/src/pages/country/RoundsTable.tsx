import { useMemo, useState } from 'react';
import { articleOf, chapterOf, numberOf } from '../../address/provision';
import type { Matrix } from '../../api/matrix';
import { useNames } from '../../api/names';
import type { Need } from '../../api/needs';
import { NeedMark } from '../../parts/marks';
import { NeedLegend } from '../../parts/NeedLegend';
import { useTexts } from '../../texts/useTexts';
import { stateInRound } from './states-of';

interface Props {
  answers: Matrix;
  open: Matrix;
  needs: readonly Need[];
}

// As many as the first checklist asked about; the rest on demand.
const first = 15;

export function RoundsTable({ answers, open, needs }: Props) {
  const { t, language, format } = useTexts();
  const types = useNames('type', language);
  const [all, setAll] = useState(false);
  const typesNow = useMemo(() => {
    const found = new Map<string, Set<string>>();
    for (const { provision, type } of needs) {
      const article = articleOf(provision);
      found.set(article, (found.get(article) ?? new Set()).add(type));
    }
    return found;
  }, [needs]);
  // Rows are found by their place in the whole table.
  const rows = answers.rows.map((row, at) => ({ row, at }));
  // Articles that every round asked about come first to mind: those of the first checklist.
  const asked = rows.filter(({ at }) => answers.columns.every((_, column) => stateInRound(answers, open, at, column) !== 'NOT_ASKED'));
  const few = asked.length > 0 && asked.length < rows.length ? asked : rows.slice(0, first);
  const shown = all ? rows : few;
  if (answers.columns.length === 0) return <p className="quiet">{t('country.noRounds')}</p>;
  return (
    <>
      <NeedLegend />
      <table className="rounds-table hovering">
        <caption className="unseen">{t('country.roundsTable.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('dimension.article')}</th>
            {answers.columns.map(({ code, name }) => (
              <th key={code} scope="col" className="round">
                {name}
              </th>
            ))}
            <th scope="col" className="types-now">
              {t('country.typesNow')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ row, at }, line) => (
            <tr key={row.code} className={line > 0 && chapterOf(row.code) !== chapterOf(shown[line - 1]?.row.code ?? '') ? 'next-chapter' : ''}>
              <th scope="row">
                <span className="provision short-numbers">
                  <b>
                    <bdi>{numberOf(row.code)}</bdi>
                  </b>
                  <span>{row.name}</span>
                </span>
              </th>
              {answers.columns.map(({ code }, column) => {
                const state = stateInRound(answers, open, at, column);
                return (
                  <td key={code} className="round">
                    <NeedMark state={state} className="large" />
                    <span className="unseen">{t(`needState.${state}`)}</span>
                  </td>
                );
              })}
              <td className="types-now">{format.list([...(typesNow.get(row.code) ?? [])].map(types.of))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {few.length < rows.length && (
        <p>
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? t('country.fewer', { count: few.length }) : t('country.allArticles', { count: rows.length })}
          </button>
        </p>
      )}
    </>
  );
}
