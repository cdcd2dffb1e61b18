import type { Failure } from '../api/errors';
import { useTexts } from '../texts/useTexts';
import { Notice } from './Notice';

/** What happened, what it means, what to do; and by which mark whoever runs the system finds it. */
export function FailureNotice({ failure, reload }: { failure: Failure; reload?: () => void }) {
  const { t } = useTexts();
  return (
    <Notice
      kind={failure.kind === 'offline' || failure.kind === 'unavailable' ? 'warning' : 'error'}
      icon={failure.kind === 'offline' ? 'offline' : failure.kind === 'unavailable' ? 'retry' : 'error'}
      title={t(`failure.${failure.kind}.title`)}
      live
    >
      <p>{t(`failure.${failure.kind}.meaning`)}</p>
      {failure.problems.length > 0 && (
        <ul className="plain-list" lang="en" dir="ltr">
          {failure.problems.slice(0, 5).map((problem, at) => (
            <li key={at}>{problem.column ? `${problem.column}: ${problem.message}` : problem.message}</li>
          ))}
        </ul>
      )}
      {failure.problems.length === 0 && failure.message && failure.kind !== 'unavailable' && (
        <p lang="en" dir="ltr">
          {failure.message}
        </p>
      )}
      <p className="fine quiet">
        <bdi className="code">{failure.code}</bdi>
        {failure.trace && (
          <>
            {' · '}
            {t('failure.trace')} <bdi className="code">{failure.trace}</bdi>
          </>
        )}
      </p>
      {reload && (
        <p>
          <button type="button" className="link" onClick={reload}>
            {t('failure.again')}
          </button>
        </p>
      )}
    </Notice>
  );
}
