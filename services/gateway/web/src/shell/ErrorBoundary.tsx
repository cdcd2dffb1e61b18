// A page that fails must not take the others with it: most often a part of a newer or older release
// could not be fetched, and loading anew helps.
import { Component, type ReactNode } from 'react';
import { Notice } from '../parts/Notice';
import { useTexts } from '../texts/useTexts';

export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <PageFailed /> : this.props.children;
  }
}

function PageFailed() {
  const { t } = useTexts();
  return (
    <Notice kind="error" title={t('failure.page.title')} live>
      <p>{t('failure.page.meaning')}</p>
      <p>
        <button type="button" className="link" onClick={() => location.reload()}>
          {t('failure.page.again')}
        </button>
      </p>
    </Notice>
  );
}
