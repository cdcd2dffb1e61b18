import { Link } from '../parts/Link';
import { ThemeChoice } from './Masthead';
import { useTexts } from '../texts/useTexts';

export function Footer() {
  const { t } = useTexts();
  return (
    <footer className="foot">
      <div className="wrap">
        <Link href="/words">{t('foot.words')}</Link>
        <span>{t('foot.days')}</span>
        <span className="narrow-only">
          <ThemeChoice />
        </span>
      </div>
    </footer>
  );
}
