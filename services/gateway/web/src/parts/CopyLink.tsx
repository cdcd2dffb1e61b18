import { useEffect, useState } from 'react';
import { useTexts } from '../texts/useTexts';
import { Icon } from './Icon';

/** The question is in the address, so the address is the question for somebody else. */
export function CopyLink() {
  const { t } = useTexts();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      className="link copy-link"
      onClick={() => {
        void navigator.clipboard.writeText(location.href).then(() => setCopied(true));
      }}
    >
      <Icon name={copied ? 'check' : 'link'} />
      <span role="status">{copied ? t('common.copied') : t('common.copyLink')}</span>
    </button>
  );
}
