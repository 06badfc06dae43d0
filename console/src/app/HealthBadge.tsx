import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { checksOf, marked } from '~/pages/system/checks';
import { useFacts } from '~/pages/system/model';
import { words as systemWords } from '~/pages/system/words';
import { State } from '~/ui/State';
import { later } from './later/words';
import styles from './shell.module.css';

const everyMs = 30_000;

// A mark in the top bar when the server itself is not well; nothing when it is.
export default function HealthBadge(): ReactNode {
  const t = later.use();
  const ts = systemWords.use();
  const { data } = useFacts(everyMs);
  const bad = data ? marked(checksOf(data)) : [];
  if (bad.length === 0) return null;
  const worst = bad.some((one) => one.kind === 'alarm') ? 'alarm' : 'warn';
  const text = bad.map((one) => ts(`check_${one.name}`)).join(', ');
  return (
    <Link to="/system" className={styles.health} data-kind={worst} role="status"
      title={bad.map((one) => ts(`todo_${one.name}`, one.values)).join('\n')}>
      <State kind={worst}>{t('serverNotWell', { what: text })}</State>
    </Link>
  );
}
