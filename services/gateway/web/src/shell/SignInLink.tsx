import { useSession } from '../api/session';
import { Link } from '../parts/Link';
import { useTexts } from '../texts/useTexts';

/** To where one signs in, and back here. */
export function SignInLink({ className }: { className: string }) {
  const { t } = useTexts();
  const { sign_in: way } = useSession();
  const back = encodeURIComponent(location.pathname + location.search);
  if (way === 'none') return null;
  return way === 'exercise' ? (
    <Link className={className} href={`/enter?back=${back}`}>
      {t('shell.signIn')}
    </Link>
  ) : (
    <a className={className} href={`/sign-in?back=${back}`}>
      {t('shell.signIn')}
    </a>
  );
}
