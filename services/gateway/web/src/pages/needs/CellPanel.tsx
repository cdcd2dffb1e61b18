// The States behind a cell, by name, with the types of assistance they ask for: as far as the reader
// may see them one by one.
import { numberOf } from '../../address/provision';
import { cellConditions, type Question } from '../../address/question';
import { useAnswer } from '../../api/answer';
import type { Figure } from '../../api/matrix';
import { useNames } from '../../api/names';
import { askNeeds, byState } from '../../api/needs';
import { Dialog } from '../../parts/Dialog';
import { FailureNotice } from '../../parts/FailureNotice';
import { Link } from '../../parts/Link';
import { CoverageMark } from '../../parts/marks';
import { SkeletonRows } from '../../parts/Skeleton';
import { useTexts } from '../../texts/useTexts';
import { type CellPlace, FigureText } from './FigureCell';

interface Props {
  question: Question;
  place: CellPlace;
  figure: Figure;
  rowName: string;
  columnName: string;
  close: () => void;
}

export function CellPanel({ question, place, figure, rowName, columnName, close }: Props) {
  const { t, language } = useTexts();
  const states = useNames('state', language);
  const types = useNames('type', language);
  const where = cellConditions(question, place.row ?? undefined, place.column ?? undefined);
  const ask = { where, asOf: question.asOf, language, pageSize: 2000 };
  const answer = useAnswer(JSON.stringify(['needs', ask]), (signal) => askNeeds(ask, signal));
  const groups = byState(answer.value?.needs ?? []);

  return (
    <Dialog title={columnName || rowName} above={columnName ? rowName : ''} close={close}>
      <p className="panel-figure">
        <FigureText figure={figure} measure={question.measure} />
      </p>
      <p className="small quiet">{t('panel.byName')}</p>
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!answer.value && !answer.failure && <SkeletonRows rows={8} />}
      {answer.value && groups.length === 0 && (
        <div className="small stack tight">
          <p className="strong">{t('panel.nobody')}</p>
          {figure.withheldCells > 0 && <p className="quiet">{t('panel.nobodyWithheld', { count: figure.withheldCells })}</p>}
        </div>
      )}
      {groups.length > 0 && <p className="unseen" role="status">{t('panel.states', { count: groups.length })}</p>}
      <ul className="by-name">
        {groups.map(({ state, needs }) => (
          <li key={state}>
            <Link href={`/country/${state}`} onClick={close}>
              {states.of(state)}
            </Link>
            <ul>
              {needs.map((need) => (
                <li key={need.key}>
                  <bdi>{numberOf(need.provision)}</bdi>
                  <span>{need.type === 'OTHER' && need.typeText ? need.typeText : types.of(need.type)}</span>
                  {need.coverage && (
                    <span className="marked">
                      <CoverageMark coverage={need.coverage} />
                      {t(`coverage.${need.coverage}`)}
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {answer.value?.more && <p className="small quiet">{t('panel.more', { count: answer.value.needs.length })}</p>}
    </Dialog>
  );
}
