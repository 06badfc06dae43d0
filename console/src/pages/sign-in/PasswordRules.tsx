import type { ReactNode } from 'react';
import styles from './gate.module.css';
import { rulesOf } from './rules';
import { words } from './words';

// What a new password must be, each ticked as it is typed; the server has the last word.
export function PasswordRules({ id, password, name, least }: {
  id: string; password: string; name: string; least: number;
}): ReactNode {
  const t = words.use();
  return (
    <ul className={styles.rules} id={id}>
      {rulesOf(password, name, least).map(({ rule, kept }) => (
        <li key={rule} data-kept={kept}>
          <span aria-hidden="true">{kept ? '✓' : '○'}</span> {t(`rule_${rule}`, { least })}
          {password && <span className="hw-visually-hidden"> {t(kept ? 'kept' : 'notKept')}</span>}
        </li>))}
    </ul>
  );
}
