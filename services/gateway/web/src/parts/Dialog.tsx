// A panel over the page, by the browser's own dialog: it keeps the focus inside, Escape closes it, and
// the focus goes back to where it came from.
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useTexts } from '../texts/useTexts';
import { Icon } from './Icon';

interface Props {
  title: ReactNode;
  above?: ReactNode; // a line before the title
  kind?: 'panel' | 'box';
  close: () => void;
  children: ReactNode;
}

export function Dialog({ title, above, kind = 'panel', close, children }: Props) {
  const { t } = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // The dialog itself is clicked only where nothing of its content is: beside it.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className={`dialog ${kind}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="dialog-inside">
        <header>
          <div>
            {above && <p className="fine quiet">{above}</p>}
            <h2 id={heading}>{title}</h2>
          </div>
          <button type="button" className="square" onClick={close} aria-label={t('common.close')}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
