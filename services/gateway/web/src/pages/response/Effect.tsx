import { useMemo } from 'react';
import type { Need } from '../../api/needs';
import type { ResponseSummary } from '../../api/responses';
import { useToday } from '../../parts/useToday';
import { useTexts } from '../../texts/useTexts';
import { contentsOf, type Table } from './checklist-csv';
import { effectOf, isTellable } from './effect';
import { itemsOf } from './ResponsesTable';

interface Props {
  table: Table;
  standing: readonly Need[];
  responses: readonly ResponseSummary[];
}

/** Shown where it can be told by provision. */
export function Effect({ table, standing, responses }: Props) {
  const { t, format } = useTexts();
  const contents = useMemo(() => contentsOf(table), [table]);
  const effect = useMemo(() => effectOf(contents, standing), [contents, standing]);
  const today = useToday();
  const tellable = useMemo(() => isTellable(contents, standing, responses, today), [contents, standing, responses, today]);
  if (!tellable) return null;
  const open = (itemsOf[contents.keys[0]?.checklist ?? ''] ?? 0) - contents.answered.size;
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
