import { Link } from '../parts/Link';
import { usePageTitle } from '../parts/usePageTitle';
import { useTexts } from '../texts/useTexts';

/** In place of a page of answers, for an operator. */
export function NoAnswers() {
  const { t } = useTexts();
  usePageTitle(t('failure.forbidden.title'));
  return (
    <div className="stack">
      <h1>{t('failure.forbidden.title')}</h1>
      <p>{t('scope.operator')}</p>
      <p>
        <Link href="/service">{t('navigation.service')}</Link>
      </p>
    </div>
  );
}
