// My response: what the State has filed, and the way of a file from the desk to a submitted version.
import { useRef, useState } from 'react';
import { useAnswer } from '../../api/answer';
import { useNames } from '../../api/names';
import { askNeeds } from '../../api/needs';
import { listResponses, newestHistories, type ResponseSummary } from '../../api/responses';
import { useSession } from '../../api/session';
import { useExerciseNote } from '../../parts/exercise';
import { FailureNotice } from '../../parts/FailureNotice';
import { Link } from '../../parts/Link';
import { SkeletonRows } from '../../parts/Skeleton';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';
import { FileSteps } from './FileSteps';
import { historyOf } from './history-of';
import { ReadResponse } from './ReadResponse';
import { itemsOf, ResponsesTable } from './ResponsesTable';
import { useFiledElsewhere } from './useFiledElsewhere';
import { Versions } from './Versions';
import { Withdraw } from './Withdraw';
import './response.css';

export default function ResponsePage() {
  const { t } = useTexts();
  const session = useSession();
  usePageTitle(t('navigation.response'));
  if (session.role !== 'focal_point') {
    return (
      <div className="stack">
        <h1>{t('response.notYours.title')}</h1>
        <p>{t('response.notYours.text')}</p>
        <p>
          <Link href="/country">{t('navigation.country')}</Link>
        </p>
      </div>
    );
  }
  return <OwnResponses key={session.state} state={session.state} />;
}

function OwnResponses({ state }: { state: string }) {
  const { t, language } = useTexts();
  const name = useNames('state', language).of(state);
  const [round, setRound] = useState(0); // how often something was filed or withdrawn, here or elsewhere
  // Together, so that the versions beside the table need no request of their own.
  const filed = useAnswer(`responses ${state} ${round}`, async (signal) => {
    const [list, histories] = await Promise.all([listResponses(state, signal), newestHistories(state, Object.keys(itemsOf), signal)]);
    return { list, histories };
  });
  const standing = useAnswer(`standing needs ${state} ${round}`, (signal) =>
    askNeeds({ where: [{ dimension: 'state', values: [state] }], language, pageSize: 10_000 }, signal),
  );
  useFiledElsewhere(standing.value?.position ?? '', state, {
    needsChanged: () => setRound((before) => before + 1),
    lookAgain: filed.reload,
  });
  const [reading, setReading] = useState<{ response: ResponseSummary; version: number }>();
  const [withdrawing, setWithdrawing] = useState<ResponseSummary>();
  const [amending, setAmending] = useState<ResponseSummary>();
  const [told, setTold] = useState('');
  const steps = useRef<HTMLDivElement>(null);
  const list = filed.value?.list ?? [];
  useExerciseNote(list.some((response) => response.exercise));
  const newest = [...list].sort((left, right) => right.round - left.round)[0];
  const versionsOf = amending ?? newest;
  const [come, setCome] = useState(false);
  if (!come && (filed.value ?? filed.failure)) setCome(true);

  return (
    <>
      <h1>{t('response.title', { state: name })}</h1>
      {filed.failure && <FailureNotice failure={filed.failure} reload={filed.reload} />}
      <p role="status" className={told ? 'small told' : 'unseen'}>
        {told}
      </p>
      {/* How high the table will be is not known before it comes: what stands below comes with it. */}
      {!come && <SkeletonRows rows={40} columns={5} />}
      {filed.value && (
        <ResponsesTable
          responses={list}
          read={(response) => setReading({ response, version: response.version })}
          amend={(response) => {
            setAmending(response);
            steps.current?.scrollIntoView();
            steps.current?.focus({ preventScroll: true });
          }}
          withdraw={setWithdrawing}
        />
      )}
      {come && (
        <div className="two-columns section">
          <div ref={steps} tabIndex={-1} aria-label={t('response.steps')} role="region">
            <FileSteps
              state={state}
              responses={list}
              standing={standing.value?.needs ?? []}
              amending={amending}
              filed={(text) => {
                setTold(text);
                setRound((before) => before + 1);
                window.scrollTo(0, 0);
              }}
            />
          </div>
          <aside className="rail" aria-label={t('response.versions.rail')}>
            {versionsOf && (
              <Versions
                key={`${versionsOf.checklist} ${versionsOf.round} ${versionsOf.version} ${versionsOf.status}`}
                response={versionsOf}
                known={filed.value && historyOf(versionsOf, list, filed.value.histories)}
                read={(version) => setReading({ response: versionsOf, version })}
              />
            )}
          </aside>
        </div>
      )}
      {reading && <ReadResponse response={reading.response} version={reading.version} close={() => setReading(undefined)} />}
      {withdrawing && (
        <Withdraw
          response={withdrawing}
          close={() => setWithdrawing(undefined)}
          done={() => {
            setTold(t('response.withdraw.done', { checklist: withdrawing.checklist, round: String(withdrawing.round) }));
            setWithdrawing(undefined);
            setRound((before) => before + 1);
          }}
        />
      )}
    </>
  );
}
