// A button that shows a few links under it: a disclosure, which needs no arrow keys.
import { useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Icon, type IconName } from './Icon';
import { usePlacement } from './Listbox';

interface Props {
  label: string;
  icon: IconName;
  links: readonly { href: string; label: string }[];
}

export function Menu({ label, icon, links }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  usePlacement(open, box, button);
  useEffect(() => {
    if (!open) return;
    box.current?.querySelector('a')?.focus({ preventScroll: true });
    const outside = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', escape);
    };
  }, [open]);
  return (
    <>
      <button ref={button} type="button" className="link" aria-expanded={open} aria-controls={open ? id : undefined} onClick={() => setOpen(!open)}>
        <Icon name={icon} />
        {label}
      </button>
      {open &&
        createPortal(
          // Only watches where the focus goes.
          // eslint-disable-next-line jsx-a11y/no-static-element-interactions
          <div
            ref={box}
            id={id}
            className="popup"
            onBlur={(event) => {
              const to = event.relatedTarget;
              if (to && !box.current?.contains(to)) setOpen(false);
            }}
          >
            <ul className="menu-links">
              {links.map(({ href, label: text }) => (
                <li key={href}>
                  <a href={href} download onClick={() => setOpen(false)}>
                    {text}
                  </a>
                </li>
              ))}
            </ul>
          </div>,
          document.body,
        )}
    </>
  );
}
