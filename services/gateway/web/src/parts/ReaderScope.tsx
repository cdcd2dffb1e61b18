import type { Session } from '../api/session';
import { useNames } from '../api/names';
import { useTexts } from '../texts/useTexts';

/** What this reader's answers are made of, in one line under the question. */
export function ReaderScope({ session }: { session: Session }) {
  const { t, language } = useTexts();
  const states = useNames('state', language, session.state !== '');
  return (
    <p className="scope">
      {t(`scope.${session.role}`, { state: states.of(session.state), organization: session.organization })} {t('scope.totals')}
    </p>
  );
}
