import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

const icons: Record<'plain' | 'info' | 'warning' | 'error', IconName> = {
  plain: 'info',
  info: 'info',
  warning: 'warning',
  error: 'error',
};

interface Props {
  kind?: keyof typeof icons;
  icon?: IconName;
  title: ReactNode;
  children?: ReactNode;
  /** Told at once to who does not see it. */
  live?: boolean;
}

export function Notice({ kind = 'plain', icon, title, children, live = false }: Props) {
  return (
    <div className={`notice ${kind}`} role={live ? (kind === 'error' ? 'alert' : 'status') : undefined}>
      <Icon name={icon ?? icons[kind]} />
      <div>
        <p className="strong">{title}</p>
        {children}
      </div>
    </div>
  );
}
