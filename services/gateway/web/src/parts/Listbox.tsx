// A button that opens a list to choose from, as the listbox pattern of WAI-ARIA has it: arrows, Home,
// End, letters, Enter or Space, Escape; several choices with `several`.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { Names } from '../api/names';
import { Icon } from './Icon';

export interface Choice {
  value: string;
  label: string;
  detail?: string;
  lang?: string; // of the label, where that is not the page's
}

/** Names of codes as choices, in their order. */
export const choicesOf = (names: Names): Choice[] => names.list.map(({ code, name }) => ({ value: code, label: name }));

interface Props {
  name: string; // what is chosen, for who does not see the sentence around
  choices: readonly Choice[];
  chosen: readonly string[];
  choose: (values: string[]) => void;
  several?: boolean;
  /** With `several`: chosen when nothing else is, such as "any type". */
  none?: string;
  className?: string;
  children: ReactNode; // on the button
  footer?: ReactNode; // below the list, such as a field for another date
}

export function Listbox({ name, choices, chosen, choose, several = false, none, className = '', children, footer }: Props) {
  const id = useId();
  const all = none === undefined ? choices : [{ value: '', label: none }, ...choices];
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });

  const isChosen = (value: string) => (value === '' && none !== undefined ? chosen.length === 0 : chosen.includes(value));

  const show = () => {
    setActive(Math.max(0, all.findIndex((choice) => isChosen(choice.value))));
    setOpen(true);
  };
  const hide = (focus = true) => {
    setOpen(false);
    if (focus) button.current?.focus();
  };
  const take = (value: string) => {
    if (!several) {
      choose([value]);
      hide();
    } else if (value === '') {
      choose([]);
    } else {
      choose(chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value]);
    }
  };

  usePlacement(open, box, button);
  useEffect(() => {
    if (open) list.current?.focus({ preventScroll: true });
  }, [open]);
  useEffect(() => {
    if (!open) return;
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [open, active]);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const last = all.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: Math.min(active + 1, last),
      ArrowUp: Math.max(active - 1, 0),
      PageDown: Math.min(active + 8, last),
      PageUp: Math.max(active - 8, 0),
      Home: 0,
      End: last,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      setActive(to);
    } else if (event.key === 'Enter' || event.key === ' ') {
      const choice = all[active];
      if (choice) take(choice.value);
    } else if (event.key === 'Escape') {
      hide();
    } else if (event.key === 'Tab' && (!footer || event.shiftKey)) {
      // On from the button, as if the list stood right behind it.
      hide();
      return;
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const fresh = event.timeStamp - typed.current.at > 700;
      typed.current = { text: (fresh ? '' : typed.current.text) + event.key.toLocaleLowerCase(), at: event.timeStamp };
      const found = all.findIndex((choice) => choice.label.toLocaleLowerCase().startsWith(typed.current.text));
      if (found >= 0) setActive(found);
    } else {
      return;
    }
    event.preventDefault();
  };

  const onBlur = (event: React.FocusEvent) => {
    const to = event.relatedTarget;
    // Without a target it was the window that lost the focus, or a click on something that takes none.
    if (to && !box.current?.contains(to) && to !== button.current) setOpen(false);
  };

  return (
    <span className="listbox">
      <button
        ref={button}
        type="button"
        className={className}
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => (open ? hide() : show())}
        onKeyDown={(event) => {
          if (!open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
            event.preventDefault();
            show();
          }
        }}
      >
        {children}
        <Icon name="down" />
      </button>
      {/* Outside of the sentence that the button stands in: a heading holds no list. */}
      {open &&
        createPortal(
        // Only watches where the focus goes.
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div ref={box} className="popup" onBlur={onBlur}>
          <div
            ref={list}
            id={id}
            role="listbox"
            tabIndex={0}
            aria-label={name}
            aria-multiselectable={several}
            aria-activedescendant={`${id}-${active}`}
            onKeyDown={onKeyDown}
          >
            {all.map((choice, at) => (
              // Keys are handled by the list, which keeps the focus.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={choice.value}
                id={`${id}-${at}`}
                role="option"
                lang={choice.lang}
                tabIndex={-1}
                aria-selected={isChosen(choice.value)}
                className={at === active ? 'active' : ''}
                onPointerMove={() => setActive(at)}
                onClick={() => take(choice.value)}
              >
                <Icon name="check" className={isChosen(choice.value) ? '' : 'away'} />
                <span>
                  {choice.label}
                  {choice.detail && <small>{choice.detail}</small>}
                </span>
              </div>
            ))}
          </div>
          {footer && <div className="popup-footer">{footer}</div>}
        </div>,
        document.body,
      )}
    </span>
  );
}

/** Puts a popup under its button and within the window, whichever side the text starts from. */
export function usePlacement(
  open: boolean,
  box: React.RefObject<HTMLElement | null>,
  button: React.RefObject<HTMLElement | null>,
): void {
  useLayoutEffect(() => {
    if (!open) return;
    const place = () => {
      if (!box.current || !button.current) return;
      const at = button.current.getBoundingClientRect();
      const gap = 8;
      // The last line of a button that breaks over two lines.
      const line = Array.from(button.current.getClientRects()).at(-1) ?? at;
      const width = Math.min(box.current.offsetWidth, document.documentElement.clientWidth - 2 * gap);
      const rtl = document.documentElement.dir === 'rtl';
      const start = rtl ? line.right - width : line.left;
      const left = Math.max(gap, Math.min(start, document.documentElement.clientWidth - width - gap));
      const below = window.innerHeight - line.bottom - 2 * gap;
      const above = line.top - 2 * gap;
      const up = below < 220 && above > below;
      Object.assign(box.current.style, {
        left: `${left}px`,
        top: up ? '' : `${line.bottom + gap / 2}px`,
        bottom: up ? `${window.innerHeight - line.top + gap / 2}px` : '',
        maxHeight: `${Math.min(up ? above : below, 440)}px`,
      });
    };
    place();
    window.addEventListener('resize', place);
    window.addEventListener('scroll', place, true);
    return () => {
      window.removeEventListener('resize', place);
      window.removeEventListener('scroll', place, true);
    };
  }, [open, box, button]);
}
