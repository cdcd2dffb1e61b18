// Acts on a running service: a copy of its stores, and publishing again what a log has lost.
import { useState } from 'react';
import { type Failure, toFailure } from '../../api/errors';
import { backup, republish, services } from '../../api/operations';
import { Dialog } from '../../parts/Dialog';
import { FailureNotice } from '../../parts/FailureNotice';
import { useTexts } from '../../texts/useTexts';

type Act = 'backup' | (typeof services)[number];

export function ServiceActs() {
  const { t, format } = useTexts();
  const [asked, setAsked] = useState<Act>();
  const [running, setRunning] = useState(false);
  const [told, setTold] = useState('');
  const [failure, setFailure] = useState<Failure>();

  const perform = async (act: Act): Promise<string> => {
    if (act !== 'backup') return t('acts.republished', { service: act, count: await republish(act) });
    const made = await backup();
    return t('acts.backedUp', { folder: made.folder, files: made.files, size: format.number(Math.round(made.bytes / 1024)) });
  };
  const run = (act: Act) => {
    setAsked(undefined);
    setRunning(true);
    setFailure(undefined);
    perform(act).then(
      (text) => {
        setTold(text);
        setRunning(false);
      },
      (error: unknown) => {
        setFailure(toFailure(error));
        setRunning(false);
      },
    );
  };
  return (
    <section className="section stack" aria-labelledby="acts">
      <h2 id="acts">{t('acts.title')}</h2>
      <div className="links">
        {(['backup', ...services] as const).map((act) => (
          <button key={act} type="button" className="button" aria-disabled={running} onClick={() => !running && setAsked(act)}>
            {act === 'backup' ? t('acts.backup') : t('acts.republish', { service: act })}
          </button>
        ))}
      </div>
      <p role="status" className="small">
        {running ? t('acts.running') : told}
      </p>
      {failure && <FailureNotice failure={failure} />}
      {asked && (
        <Dialog kind="box" title={asked === 'backup' ? t('acts.backup') : t('acts.republish', { service: asked })} close={() => setAsked(undefined)}>
          <p>{asked === 'backup' ? t('acts.backupText') : t('acts.republishText')}</p>
          <footer>
            <button type="button" className="button" onClick={() => setAsked(undefined)}>
              {t('common.close')}
            </button>
            <button type="button" className="button main" onClick={() => run(asked)}>
              {asked === 'backup' ? t('acts.backup') : t('acts.republish', { service: asked })}
            </button>
          </footer>
        </Dialog>
      )}
    </section>
  );
}
