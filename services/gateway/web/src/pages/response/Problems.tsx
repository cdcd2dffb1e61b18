import { useMemo, useState } from 'react';
import type { RowProblem } from '../../api/errors';
import { CardsHead } from '../../parts/CardsHead';
import { download } from '../../parts/download';
import { Icon } from '../../parts/Icon';
import { Segmented } from '../../parts/Segmented';
import { useTexts } from '../../texts/useTexts';
import { cellAt, type Table } from './checklist-csv';

interface Props {
  problems: readonly RowProblem[];
  table: Table | undefined;
  leftOut: number;
}

// A page of thousands of problems helps nobody; the file of them does.
const shownAtOnce = 200;

export function Problems({ problems, table, leftOut }: Props) {
  const { t, format } = useTexts();
  const [shown, setShown] = useState<'all' | 'error' | 'warning'>('all');
  const sorted = useMemo(
    () => [...problems].sort((left, right) => Number(right.severity === 'error') - Number(left.severity === 'error') || left.row - right.row),
    [problems],
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const list = sorted.filter(({ severity }) => shown === 'all' || severity === shown);
  const save = () => {
    const lines = sorted.map(({ row, column, severity, rule, message }) =>
      [String(row), column, severity, rule, message].map((field) => `"${field.replaceAll('"', '""')}"`).join(','),
    );
    download('problems.csv', `row,column,severity,rule,message\n${lines.join('\n')}\n`, 'text/csv;charset=utf-8');
  };
  return (
    <>
      <div className="links spread">
        <Segmented
          name={t('problems.show')}
          choices={[
            { value: 'all', label: t('problems.all', { count: problems.length }) },
            { value: 'error', label: t('problems.errors', { count: errors }) },
            { value: 'warning', label: t('problems.warnings', { count: problems.length - errors }) },
          ]}
          chosen={shown}
          choose={setShown}
        />
        <button type="button" className="link" onClick={save}>
          <Icon name="download" />
          {t('problems.save')}
        </button>
      </div>
      <table className="problems cards" role="table">
        <caption className="unseen">{t('problems.caption')}</caption>
        <CardsHead
          columns={(['row', 'column', 'severity', 'problem', 'inFile'] as const).map((column) => ({
            title: t(`problems.column.${column}`),
            number: column === 'row',
          }))}
        />
        <tbody role="rowgroup">
          {list.slice(0, shownAtOnce).map(({ row, column, severity, rule, message }, at) => {
            const value = table && column ? cellAt(table, row, column) : undefined;
            return (
              <tr key={at} role="row" className={severity}>
                <td role="cell" className="number" data-label={t('problems.column.row')}>
                  {row > 0 ? format.number(row) : t('problems.wholeFile')}
                </td>
                <td role="cell">
                  <bdi className="code">{column}</bdi>
                </td>
                <td role="cell">
                  <span className={`severity ${severity}`}>
                    <Icon name={severity} />
                    {t(`problems.severity.${severity}`)}
                  </span>
                </td>
                <td role="cell" className="whole">
                  <span lang="en" dir="ltr">
                    {message}
                  </span>
                  <bdi className="rule">{rule}</bdi>
                </td>
                <td role="cell">
                  {value === undefined ? null : value === '' ? (
                    <span className="faint empty-value">{t('problems.empty')}</span>
                  ) : (
                    <bdi className="code at-fault" title={value}>
                      {value.length > 60 ? `${value.slice(0, 60)}…` : value}
                    </bdi>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {(list.length > shownAtOnce || leftOut > 0) && (
        <p className="small quiet">{t('problems.more', { shown: Math.min(list.length, shownAtOnce), count: list.length + leftOut })}</p>
      )}
    </>
  );
}
