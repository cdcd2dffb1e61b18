import type { Question } from '../../address/question';
import { isShare } from '../../address/dimensions';
import type { Matrix } from '../../api/matrix';
import { useTexts } from '../../texts/useTexts';

/** The question's total and what is missing from it, large. They keep their place while they come. */
export function Figures({ matrix, question }: { matrix: Matrix | undefined; question: Question }) {
  const { t, format } = useTexts();
  const { measure } = question;
  const total = matrix?.total;
  const value = !total
    ? ''
    : total.withheld
      ? t('cell.allWithheld')
      : total.empty
        ? t('cell.noneAnswered')
        : isShare(measure)
          ? format.percent(total.value)
          : format.number(total.value);
  return (
    <dl className="figures">
      <div>
        <dt>{t(`figures.${measure}`, { count: matrix?.rows.length ?? 0 })}</dt>
        <dd>
          {value || '\u00a0'} {total && !total.withheld && measure !== 'needs_stated' && <small>{t('cell.ofBase', { base: total.base })}</small>}
        </dd>
      </div>
      <div>
        <dt>{t('figures.withheld')}</dt>
        <dd>{total ? format.number(total.withheldCells) : '\u00a0'}</dd>
      </div>
    </dl>
  );
}
