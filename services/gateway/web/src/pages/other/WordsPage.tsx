import { coverages, needStates, audiences } from '../../address/dimensions';
import { AudienceLadder, CoverageMark, NeedMark } from '../../parts/marks';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import './words.css';

/** What the words of these pages mean, and how totals are made. */
export default function WordsPage() {
  const { t } = useTexts();
  usePageTitle(t('words.title'));
  return (
    <div className="words">
      <h1>{t('words.title')}</h1>
      <section>
        <h2>{t('words.rules')}</h2>
        <p>{t('words.noRanking')}</p>
        <p>{t('words.stateDecides')}</p>
        <p>{t('words.totals')}</p>
      </section>
      <section>
        <h2>{t('words.needStates')}</h2>
        <dl>
          {needStates.map((state) => (
            <div key={state}>
              <dt>
                <NeedMark state={state} /> {t(`needState.${state}`)}
              </dt>
              <dd>{t(`words.needState.${state}`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h2>{t('words.audiences')}</h2>
        <dl>
          {audiences.map((audience) => (
            <div key={audience}>
              <dt>
                <AudienceLadder audience={audience} /> {t(`audience.${audience}`)}
              </dt>
              <dd>{t(`audience.${audience}.meaning`)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section>
        <h2>{t('words.coverage')}</h2>
        <dl>
          {coverages.map((coverage) => (
            <div key={coverage}>
              <dt>
                <CoverageMark coverage={coverage} /> {t(`coverage.${coverage}`)}
              </dt>
              <dd>{t(`words.coverage.${coverage}`)}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
