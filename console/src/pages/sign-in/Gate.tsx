import type { ReactNode } from 'react';
import { usePrefs } from '~/lib/prefs';
import { languages, type Language } from '~/lib/words';
import styles from './gate.module.css';

// The card that stands before the console: signing in, first run.
export function Gate({ title, lead, wide = false, children }: {
  title: string; lead: string; wide?: boolean; children: ReactNode;
}): ReactNode {
  const { language, set } = usePrefs();
  return (
    <main className={styles.place}>
      <div>
        <div className={`${styles.card} ${wide ? styles.wide : ''}`}>
          <div className={styles.brand}>
            <img src="/icon.svg" width="38" height="38" alt="" />
            <div>
              <h1>{title}</h1>
              <p>{lead}</p>
            </div>
          </div>
          {children}
        </div>
        <div className={styles.tongue}>
          {Object.entries(languages).map(([value, label]) => (
            <button key={value} type="button" lang={value} aria-pressed={language === value}
              onClick={() => set({ language: value as Language })}>
              {label}
            </button>
          ))}
        </div>
      </div>
    </main>
  );
}
