// A chart and its table: twins in one place, of which the reader sees the one he chose.
import { type ReactNode, useId, useState } from 'react';
import { ScrollRegion } from '../parts/ScrollRegion';
import { Segmented } from '../parts/Segmented';
import { useTexts } from '../texts/useTexts';

interface Props {
  title: string;
  subtitle: string;
  source: string;
  chart: ReactNode;
  table: ReactNode;
  full?: boolean;
}

export function ChartFigure({ title, subtitle, source, chart, table, full = false }: Props) {
  const { t } = useTexts();
  const [shown, setShown] = useState<'chart' | 'table'>('chart');
  const heading = useId();
  return (
    <figure className={full ? 'figure full' : 'figure'} aria-labelledby={heading}>
      <div className="figure-head">
        <div>
          <h3 id={heading}>{title}</h3>
          <p>{subtitle}</p>
        </div>
        <Segmented
          quiet
          name={t('figure.shownAs', { title })}
          choices={[
            { value: 'chart', label: t('figure.chart') },
            { value: 'table', label: t('figure.table') },
          ]}
          chosen={shown}
          choose={setShown}
        />
      </div>
      {shown === 'chart' ? chart : <ScrollRegion name={title}>{table}</ScrollRegion>}
      <p className="source">{source}</p>
    </figure>
  );
}

interface NumbersProps {
  caption: string;
  corner: string;
  columns: string[];
  rows: { name: string; values: (string | number)[] }[];
}

/** The numbers of a chart. */
export function NumbersTable({ caption, corner, columns, rows }: NumbersProps) {
  const { format } = useTexts();
  return (
    <table className="hovering">
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{corner}</th>
          {columns.map((column) => (
            <th key={column} scope="col" className="number">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, values }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {values.map((value, at) => (
              <td key={at} className="number">
                {typeof value === 'number' ? format.number(value) : value}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
