// How far each service has published and read.
import type { ServiceState, TopicState } from '../../api/operations';
import { CardsHead } from '../../parts/CardsHead';
import { ScrollRegion } from '../../parts/ScrollRegion';
import { useTexts } from '../../texts/useTexts';

/** Events that wait to be handled in all of these topics. */
export function Behind({ topics }: { topics: readonly TopicState[] }) {
  const { t, format } = useTexts();
  if (topics.some(({ behind }) => behind === undefined)) return <>{t('service.notKnown')}</>;
  return <>{format.number(topics.reduce((sum, { behind }) => sum + (behind ?? 0), 0))}</>;
}

export function Positions({ standing }: { standing: readonly ServiceState[] }) {
  const { t, format } = useTexts();
  return (
    <section className="section" aria-labelledby="positions">
      <div className="section-head">
        <div>
          <h2 id="positions">{t('positions.title')}</h2>
          <p>{t('positions.text')}</p>
        </div>
      </div>
      <ScrollRegion name={t('positions.title')}>
        <table className="cards" role="table">
          <caption className="unseen">{t('positions.title')}</caption>
          <CardsHead
          columns={[
            { title: t('positions.column.topic') },
            { title: t('positions.column.reader') },
            { title: t('positions.column.position'), number: true },
            { title: t('service.column.behind'), number: true },
          ]}
        />
          <tbody role="rowgroup">
            {standing.flatMap(({ service, topics }) =>
              topics.map((topic) => (
                <tr key={`${service} ${topic.topic} ${topic.consumer}`} role="row">
                  <td role="cell">
                    <bdi className="code">{topic.topic}</bdi>
                  </td>
                  <td role="cell">{topic.consumer ? <bdi>{topic.consumer}</bdi> : <span className="quiet">{t('positions.publishes')}</span>}</td>
                  <td role="cell" className="number" data-label={t('positions.column.position')}>
                    <bdi>{topic.position.map(format.number).join(' · ')}</bdi>
                  </td>
                  <td role="cell" className="number" data-label={t('service.column.behind')}>
                    {topic.consumer ? <Behind topics={[topic]} /> : <span aria-hidden="true">–</span>}
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}
