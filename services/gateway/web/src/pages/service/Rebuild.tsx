// Whether what is shown equals what the log says: everything folded again from the log's start.
import { useState } from 'react';
import { type Failure, toFailure } from '../../api/errors';
import { needsMatrix } from '../../api/transport';
import { FailureNotice } from '../../parts/FailureNotice';
import { Notice } from '../../parts/Notice';
import { useTexts } from '../../texts/useTexts';

interface Result {
  equal: boolean;
  lines: [string, string][];
}

export function Rebuild() {
  const { t, format } = useTexts();
  const [result, setResult] = useState<Result>();
  const [failure, setFailure] = useState<Failure>();
  const [running, setRunning] = useState(false);
  const check = () => {
    if (running) return;
    setRunning(true);
    setFailure(undefined);
    needsMatrix.checkRebuild({}, { timeoutMs: 300_000 }).then(
      (reply) => {
        setRunning(false);
        setResult({
          equal: reply.equal,
          lines: [
            [t('rebuild.live'), reply.liveDigest],
            [t('rebuild.rebuilt'), reply.rebuiltDigest],
            [t('rebuild.needs'), reply.needsDigest],
            [t('rebuild.published'), reply.publishedDigest],
            [t('rebuild.versions'), format.number(Number(reply.versions))],
            [t('rebuild.standing'), format.number(Number(reply.needs))],
          ],
        });
      },
      (error: unknown) => {
        setRunning(false);
        setFailure(toFailure(error));
      },
    );
  };
  return (
    <section className="section stack" aria-labelledby="rebuild">
      <div>
        <h2 id="rebuild">{t('rebuild.title')}</h2>
        <p className="small quiet">{t('rebuild.text')}</p>
      </div>
      <p>
        <button type="button" className="button" aria-disabled={running} onClick={check}>
          {running ? t('rebuild.running') : t('rebuild.verb')}
        </button>
      </p>
      {failure && <FailureNotice failure={failure} />}
      {result && (
        <>
          <Notice kind={result.equal ? 'plain' : 'error'} icon={result.equal ? 'check' : 'error'} title={result.equal ? t('rebuild.equal') : t('rebuild.different')} live />
          <dl className="letter-lines">
            {result.lines.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi className="code">{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
