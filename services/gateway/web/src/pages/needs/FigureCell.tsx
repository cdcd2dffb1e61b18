// What a cell of the matrix says. A withheld figure is said to be withheld: never zero, never a dash.
import { memo } from 'react';
import { isShare, type Measure } from '../../address/dimensions';
import type { Figure } from '../../api/matrix';
import { useTexts } from '../../texts/useTexts';

/** A cell by its codes; null: of all rows or all columns. */
export interface CellPlace {
  row: string | null;
  column: string | null;
}

export function FigureText({ figure, measure }: { figure: Figure; measure: Measure }) {
  const { t, format } = useTexts();
  const withheld = figure.withheldCells > 0 && (
    <small>{t('cell.withheld', { count: figure.withheldCells })}</small>
  );
  if (figure.withheld) {
    return (
      <>
        <span className="of">{t('cell.allWithheld')}</span>
        {withheld}
      </>
    );
  }
  if (figure.empty || figure.base === 0) {
    return (
      <>
        <span className="of">{t('cell.noneAnswered')}</span>
        {withheld}
      </>
    );
  }
  if (measure === 'needs_stated') {
    return (
      <>
        <b>{format.number(figure.value)}</b>
        {withheld}
      </>
    );
  }
  if (isShare(measure)) {
    return (
      <>
        <b>{format.percent(figure.value)}</b> <span className="of">{t('cell.ofBase', { base: figure.base })}</span>
        {withheld}
      </>
    );
  }
  return (
    <>
      <b>{format.number(figure.value)}</b> <span className="of">{t('cell.ofBase', { base: figure.base })}</span>
      {withheld}
    </>
  );
}

interface Props {
  figure: Figure;
  measure: Measure;
  where: string; // the names of row and column, for who does not see them
  current: boolean;
  row: string | null;
  column: string | null;
  open: (place: CellPlace) => void;
}

// Opening one cell must not draw the hundreds of others again.
export const FigureCell = memo(function FigureCell({ figure, measure, where, current, row, column, open }: Props) {
  return (
    <button type="button" className="cell" aria-current={current || undefined} aria-haspopup="dialog" onClick={() => open({ row, column })}>
      <FigureText figure={figure} measure={measure} />
      <span className="unseen">, {where}</span>
    </button>
  );
});
