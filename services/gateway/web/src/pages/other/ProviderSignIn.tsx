// Where people really work an identity provider asks who they are. This page sends them there, and says
// why when they come back without being signed in.
import { useSession } from '../../api/session';
import { Notice } from '../../parts/Notice';
import { usePageTitle } from '../../parts/usePageTitle';
import { useTexts } from '../../texts/useTexts';

// The gateway's words; another one in the address is passed over.
const refusals = ['not-begun', 'denied', 'unavailable', 'no-role', 'refused'] as const;

export function ProviderSignIn({ refused, back }: { refused: string | null; back: string }) {
  const { t } = useTexts();
  const { signed_in: signedIn } = useSession();
  const refusal = refusals.find((one) => one === refused);
  usePageTitle(t('signIn.provider.title'));
  return (
    <div className="stack sign-in">
      <h1>{t('signIn.provider.title')}</h1>
      {refusal && !signedIn && (
        <Notice kind={refusal === 'unavailable' ? 'warning' : 'error'} title={t(`signIn.refused.${refusal}.title`)} live>
          <p>{t(`signIn.refused.${refusal}.meaning`)}</p>
        </Notice>
      )}
      <p>{t('signIn.provider.text')}</p>
      <p>
        <a className="button main" href={`/sign-in?back=${encodeURIComponent(back)}`}>
          {t('shell.signIn')}
        </a>
      </p>
    </div>
  );
}
