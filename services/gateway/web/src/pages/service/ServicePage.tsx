// Service state: for operators. It shows no answers of States.
import { useEffect, useState } from 'react';
import { useAnswer } from '../../api/answer';
import { type DeadLetter, getServiceState, isReady, listDeadLetters, type ServiceState as Standing, services } from '../../api/operations';
import { useSession } from '../../api/session';
import { FailureNotice } from '../../parts/FailureNotice';
import { ScrollRegion } from '../../parts/ScrollRegion';
import { SkeletonRows } from '../../parts/Skeleton';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import { DeadLetters } from './DeadLetters';
import { Behind, Positions } from './Positions';
import { Rebuild } from './Rebuild';
import { ServiceActs } from './ServiceActs';
import './service.css';

const seconds = 15;

export default function ServicePage() {
  const { t } = useTexts();
  const session = useSession();
  usePageTitle(t('navigation.service'));
  if (session.role !== 'operator') {
    return (
      <div className="stack">
        <h1>{t('service.notYours.title')}</h1>
        <p>{t('service.notYours.text')}</p>
      </div>
    );
  }
  return <ServiceState />;
}

interface State {
  ready: boolean;
  standing: Standing[];
  letters: DeadLetter[];
  more: boolean;
}

function ServiceState() {
  const { t, format } = useTexts();
  const [handled, setHandled] = useState(false);
  const answer = useAnswer<State>(`service ${handled}`, async (signal) => {
    const [ready, standing, lists] = await Promise.all([
      isReady(signal),
      Promise.all(services.map((service) => getServiceState(service, signal))),
      Promise.all(services.map((service) => listDeadLetters(service, handled, signal))),
    ]);
    return { ready, standing, letters: lists.flatMap(({ letters }) => letters), more: lists.some(({ more }) => more) };
  });
  const { reload } = answer;
  useEffect(() => {
    // A page in the background asks nobody.
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, seconds * 1000);
    return () => clearInterval(timer);
  }, [reload]);

  const state = answer.value;
  const waiting = state?.letters.filter((letter) => letter.state === 'WAITING').length ?? 0;
  return (
    <>
      <h1 className="question">
        {state ? t('service.sentence', { ready: state.ready ? 'yes' : 'no', count: waiting }) : t('navigation.service')}
      </h1>
      <p className="scope">
        {answer.at ? t('service.renewed', { time: format.clockUtc(answer.at), seconds }) : '\u00a0'}
      </p>
      {answer.failure && <FailureNotice failure={answer.failure} reload={answer.reload} />}
      {!state && !answer.failure && <SkeletonRows rows={8} columns={5} />}
      {state && (
        <>
          <ScrollRegion name={t('service.table')} className="section">
            <table className="service-table">
              <caption className="unseen">{t('service.table')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('service.column.service')}</th>
                  {(['version', 'behind', 'unpublished', 'waiting', 'sent', 'oldest'] as const).map((column) => (
                    <th key={column} scope="col" className="number">
                      {t(`service.column.${column}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {state.standing.map(({ service, version, topics, unpublished, oldestSeconds }) => {
                  const own = state.letters.filter((letter) => letter.service === service);
                  const oldest = own.find((letter) => letter.state === 'WAITING');
                  return (
                    <tr key={service}>
                      <th scope="row">
                        <b>
                          <bdi>{service}</bdi>
                        </b>
                      </th>
                      <td className="number">{version}</td>
                      <td className="number">
                        <Behind topics={topics} />
                      </td>
                      <td className="number">
                        {unpublished === 0
                          ? format.number(0)
                          : t('service.unpublishedFor', { number: format.number(unpublished), seconds: format.number(Math.ceil(oldestSeconds)) })}
                      </td>
                      <td className="number">{format.number(own.filter((letter) => letter.state === 'WAITING').length)}</td>
                      <td className="number">{format.number(own.filter((letter) => letter.state === 'SENT').length)}</td>
                      <td className="number">{oldest ? `${format.moment(new Date(oldest.buriedAt))} UTC` : t('service.noneWaits')}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </ScrollRegion>
          <Positions standing={state.standing} />
          <DeadLetters letters={state.letters} more={state.more} handled={handled} showHandled={setHandled} reload={reload} />
        </>
      )}
      <Rebuild />
      <ServiceActs />
    </>
  );
}
