import { needStates } from '../../address/dimensions';
import type { Chapter } from '../../address/provision';
import { useNames } from '../../api/names';
import { NeedMark } from '../../parts/marks';
import { StateBar } from '../../parts/StateBar';
import { useTexts } from '../../texts/useTexts';
import type { Counts } from './states-of';

interface Props {
  lines: readonly { chapter: Chapter; counts: Counts; all: number }[];
  total: { counts: Counts; all: number };
}

export function ChapterTable({ lines, total }: Props) {
  const { t, language, format } = useTexts();
  const names = useNames('chapter', language);
  const longest = Math.max(1, ...lines.map(({ all }) => all));
  return (
    <table className="chapter-table">
      <caption className="unseen">{t('country.chapters.title')}</caption>
      <thead>
        <tr>
          <th scope="col" className="chapter-name">
            {t('dimension.chapter')}
          </th>
          <th scope="col" className="bar-column">
            <span className="unseen">{t('figure.chart')}</span>
          </th>
          {needStates.map((state) => (
            <th key={state} scope="col" className="number">
              <NeedMark state={state} />
              <span className="head-word">{t(`needState.${state}`)}</span>
            </th>
          ))}
          <th scope="col" className="number">
            {t('country.provisions')}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ chapter, counts, all }) => (
          <tr key={chapter}>
            <th scope="row">
              <span className="provision short-numbers">
                <b>
                  <bdi>{chapter}</bdi>
                </b>
                <span>{names.of(chapter)}</span>
              </span>
            </th>
            <td className="bar-column">
              <StateBar parts={counts} whole={longest} width={180} label={t('matrix.barLabel', counts)} />
            </td>
            {needStates.map((state) => (
              <td key={state} className="number">
                {format.number(counts[state])}
              </td>
            ))}
            <td className="number">{format.number(all)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{t('matrix.allOf.chapter')}</th>
          <td className="bar-column" />
          {needStates.map((state) => (
            <td key={state} className="number strong">
              {format.number(total.counts[state])}
            </td>
          ))}
          <td className="number strong">{format.number(total.all)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
