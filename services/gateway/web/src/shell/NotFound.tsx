import { Link } from '../parts/Link';
import { usePageTitle } from '../parts/usePageTitle';
import { useTexts } from '../texts/useTexts';

export function NotFound() {
  const { t } = useTexts();
  usePageTitle(t('notFound.title'));
  return (
    <div className="stack">
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.text')}</p>
      <p>
        <Link href="/">{t('navigation.needs')}</Link>
      </p>
    </div>
  );
}
