import { Fragment, useDeferredValue, useEffect, useRef, useState } from 'react';
import { chapterOf, chapters, numberOf } from '../../address/provision';
import { needsExportLink } from '../../address/question';
import { useNames } from '../../api/names';
import type { Need, Needs } from '../../api/needs';
import { CardsHead } from '../../parts/CardsHead';
import { Icon } from '../../parts/Icon';
import { AudienceLadder, CoverageMark } from '../../parts/marks';
import { Menu } from '../../parts/Menu';
import { ScrollRegion } from '../../parts/ScrollRegion';
import { Segmented } from '../../parts/Segmented';
import { SkeletonRows } from '../../parts/Skeleton';
import { useWidth } from '../../parts/useWidth';
import { useTexts } from '../../texts/useTexts';
import { type HistoryAsk, NeedHistory } from './NeedHistory';

// As many as fill a window: the rest is drawn in slices behind them.
const atOnce = 25;

interface Props {
  state: string;
  answer: Needs | undefined;
  failed: boolean;
  common: Omit<HistoryAsk, 'need'>;
  open: string; // key of the need that the address names
  withAudience: boolean;
  at: Date | undefined;
}

export function NeedsTable({ state, answer, failed, common, open, withAudience, at }: Props) {
  const { t, language, format } = useTexts();
  const provisions = useNames('provision', language);
  const types = useNames('type', language);
  const [chapter, setChapter] = useState('');
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(open ? [open] : []));
  const needs = answer?.needs ?? [];
  const shown = chapter ? needs.filter((need) => chapterOf(need.provision) === chapter) : needs;
  // The need that the address names must be there when the page goes to it.
  const drawn = useDeferredValue(shown, open ? shown : shown.slice(0, atOnce));
  const where = [{ dimension: 'state' as const, values: [state] }];

  // The need that somebody followed a link to, once it is there.
  const place = useRef<HTMLTableRowElement>(null);
  const there = answer !== undefined;
  useEffect(() => {
    if (!there || !open) return;
    place.current?.scrollIntoView({ block: 'center' });
    place.current?.querySelector('button')?.focus({ preventScroll: true });
  }, [there, open]);

  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  const priority = (need: Need) => t(`priority.${need.priority ?? 'none'}`);
  const width = useWidth();
  const columns = [
    { title: t('dimension.provision') },
    { title: t('dimension.type') },
    { title: t('country.priority') },
    { title: t('country.coverage') },
    ...(withAudience ? [{ title: t('country.audience') }] : []),
    { title: t('country.source') },
    { title: t('country.history'), number: true },
  ];

  const table = (
    <table className="needs-table cards" role="table">
      <caption className="unseen">{t('country.list.title')}</caption>
      <CardsHead columns={columns} />
      <tbody role="rowgroup">
        {drawn.map((need) => {
          const isOpen = opened.has(need.key);
          return (
            <Fragment key={need.key}>
              <tr role="row" className={isOpen ? 'open' : ''} ref={need.key === open ? place : undefined}>
                <th scope="row" role="rowheader" className="whole">
                  <span className="provision">
                    <b>
                      <bdi>{numberOf(need.provision)}</bdi>
                    </b>
                    <span>{provisions.of(need.provision)}</span>
                  </span>
                </th>
                <td role="cell" className="whole">
                  {types.of(need.type)}
                  {need.typeText && <span className="block quiet">{need.typeText}</span>}
                </td>
                <td role="cell" data-label={t('country.priority')} className="capital">
                  {priority(need)}
                </td>
                <td role="cell">
                  {need.coverage && (
                    <span className="marked">
                      <CoverageMark coverage={need.coverage} />
                      {t(`coverage.${need.coverage}`)}
                    </span>
                  )}
                </td>
                {withAudience && (
                  <td role="cell">
                    {need.audience && (
                      <span className="marked" title={need.named.join(', ')}>
                        <AudienceLadder audience={need.audience} />
                        {t(`audience.${need.audience}`)}
                      </span>
                    )}
                  </td>
                )}
                <td role="cell" className="whole">
                  <span className="block">{t('country.selfAssessment')}</span>
                  <span className="block fine faint">
                    <bdi>{need.checklist}</bdi> {need.round}
                    {need.version > 0 && `, ${t('country.version', { version: need.version })}`} · {format.shortDay(need.statedOn)}
                  </span>
                </td>
                <td role="cell" className="number">
                  <button type="button" className="link" aria-expanded={isOpen} onClick={() => toggle(need.key)}>
                    {t('country.history')}
                    <span className="unseen">
                      {numberOf(need.provision)} {types.of(need.type)}
                    </span>
                    <Icon name={isOpen ? 'down' : 'next'} className="turns" />
                  </button>
                </td>
              </tr>
              {isOpen && (
                <tr role="row" className="more">
                  <td role="cell" colSpan={columns.length} className="whole">
                    <NeedHistory {...common} need={need} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
  return (
    <section className="section" aria-labelledby="every-need">
      <div className="section-head">
        <div>
          <h2 id="every-need">{t('country.list.title')}</h2>
          <p>{t('country.list.text', { shown: shown.length, count: needs.length })}</p>
        </div>
        <div className="links">
          <Segmented
            name={t('dimension.chapter')}
            choices={[{ value: '', label: t('matrix.allOf.chapter') }, ...chapters.map((one) => ({ value: one, label: <bdi>{one}</bdi> }))]}
            chosen={chapter}
            choose={setChapter}
          />
          <Menu
            label={t('export.download')}
            icon="download"
            links={[
              { href: needsExportLink(where, 'csv'), label: t('export.needsCsv') },
              { href: needsExportLink(where, 'jsonl'), label: t('export.needsJsonl') },
            ]}
          />
        </div>
      </div>
      {!answer && !failed && <SkeletonRows rows={10} columns={5} />}
      {answer && shown.length === 0 && <p className="quiet">{t('country.list.none')}</p>}
      {shown.length > 0 && (width === 'medium' ? <ScrollRegion name={t('country.list.title')}>{table}</ScrollRegion> : table)}
      {answer && (
        <p className="source">
          {[...(answer.exercise ? [t('source.exercise')] : []), ...(at ? [t('source.answered', { time: format.clock(at) })] : [])].join(' · ')}
        </p>
      )}
    </section>
  );
}
