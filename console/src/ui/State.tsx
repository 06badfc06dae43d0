import type { ReactNode } from 'react';
import styles from './ui.module.css';

export type StateKind = 'ok' | 'idle' | 'warn' | 'alarm' | 'note' | 'busy';

// Shape and colour for each kind; the text is always beside it.
const shapes: Record<StateKind, ReactNode> = {
  ok: <circle cx="6" cy="6" r="4.5" fill="var(--hw-bar)" />,
  idle: <circle cx="6" cy="6" r="4" fill="none" stroke="var(--hw-bar)" strokeWidth="1.6" />,
  warn: <path d="M6 1 11.5 11H.5z" fill="var(--hw-warn)" />,
  alarm: <path d="M1 1h10v10H1z" fill="var(--hw-alarm)" />,
  note: <path d="M6 .5 11.5 6 6 11.5.5 6z" fill="var(--hw-note)" />,
  busy: <path d="M6 1.5A4.5 4.5 0 1 1 1.5 6" fill="none" stroke="var(--hw-accent)"
    strokeWidth="1.8" />,
};

// A state by shape, text and colour; normal is grey.
export function State({ kind, children, title }: {
  kind: StateKind; children: ReactNode; title?: string;
}): ReactNode {
  return (
    <span className={styles.state} title={title}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">{shapes[kind]}</svg>
      {children}
    </span>
  );
}
