import { useMemo } from 'react';
import type { Need } from '../../api/needs';
import type { ResponseSummary } from '../../api/responses';
import { useTexts } from '../../texts/useTexts';
import { contentsOf, type Table } from './checklist-csv';
import { effectOf } from './effect';
import { itemsOf } from './ResponsesTable';

interface Props {
  table: Table;
  standing: readonly Need[];
  responses: readonly ResponseSummary[];
}

/** Shown where it can be told by item: one response to the comprehensive checklist, newer than all others. */
export function Effect({ table, standing, responses }: Props) {
  const { t, format } = useTexts();
  const contents = useMemo(() => contentsOf(table), [table]);
  const effect = useMemo(() => effectOf(contents, standing), [contents, standing]);
  const keys = new Set(contents.needs.map(({ checklist, round }) => `${checklist} ${round}`));
  const first = contents.needs[0];
  const newest = Math.max(0, ...responses.map(({ round }) => round));
  if (keys.size !== 1 || first?.checklist !== 'uncac-comprehensive' || first.round < newest) return null;
  const open = (itemsOf[first.checklist] ?? 0) - contents.answered.size;
  return (
    <section className="effect" aria-labelledby="effect">
      <h3 id="effect">{t('effect.title')}</h3>
      <dl>
        {(['now', 'gone', 'anew', 'then'] as const).map((line) => (
          <div key={line}>
            <dt>{t(`effect.${line}`)}</dt>
            <dd>{format.number(effect[line])}</dd>
          </div>
        ))}
      </dl>
      {open > 0 && <p className="fine faint">{t('effect.unanswered', { count: open })}</p>}
    </section>
  );
}
