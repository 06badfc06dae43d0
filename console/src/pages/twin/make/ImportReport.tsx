import type { ReactNode } from 'react';
import { State } from '~/ui';
import styles from '../twin.module.css';
import { words } from '../words';

interface Counts {
  created: number;
  changed: number;
  unchanged: number;
}

export interface Report {
  applied: boolean;
  twins: Counts;
  relationships: Counts;
  errors_total: number;
  errors: { line?: number; what?: string; text: string }[];
  template?: {
    points?: number; taken?: number; ignored?: number; untaken?: number; without_slot?: number;
    other_units?: number; rules?: { points: string[]; taken: number }[];
    untaken_points?: unknown[]; points_without_slot?: unknown[]; unit_differences?: unknown[];
  };
}

const show = (one: unknown) => (typeof one === 'string' ? one : JSON.stringify(one));

// What an import did, or would do, row by row where something is wrong.
export function ImportReport({ report }: { report: Report }): ReactNode {
  const t = words.use();
  const { template } = report;
  const lists = ([
    ['untaken', template?.untaken_points], ['withoutSlot', template?.points_without_slot],
    ['otherUnits', template?.unit_differences],
  ] as const).filter(([, items]) => items && items.length > 0);
  return (
    <section className={styles.section} aria-live="polite">
      <h3>
        <State kind={report.errors_total ? 'warn' : report.applied ? 'ok' : 'note'}>
          {report.applied ? t('applied') : t('wouldHappen')}</State>
      </h3>
      <dl className={`${styles.figures} ${styles.wideFigures}`}>
        {(['created', 'changed', 'unchanged'] as const).map((one) => (
          <div key={one} className={styles.figure}>
            <dt>{t(`twins_${one}`)}</dt>
            <dd>{report.twins[one]} <span className="hw-dim">
              / {report.relationships[one]} {t('relationshipsShort')}</span></dd>
          </div>))}
        <div className={styles.figure}>
          <dt>{t('rowErrors')}</dt><dd>{report.errors_total}</dd>
        </div>
        {template && (
          <div className={styles.figure}>
            <dt>{t('pointsTaken')}</dt><dd>{template.taken} / {template.points}</dd>
          </div>)}
      </dl>
      {report.errors.length > 0 && (
        <table className={styles.table} style={{ marginTop: 10 }}>
          <thead><tr><th scope="col" className={styles.num}>{t('line')}</th>
            <th scope="col">{t('what')}</th><th scope="col">{t('reason')}</th></tr></thead>
          <tbody>
            {report.errors.slice(0, 500).map((one, index) => (
              <tr key={index}>
                <td className={`${styles.num} ${styles.tight}`}>{one.line}</td>
                <td className="hw-mono">{one.what}</td><td>✕ {one.text}</td>
              </tr>))}
          </tbody>
        </table>)}
      {lists.map(([key, items]) => (
        <details key={key} style={{ marginTop: 8 }}>
          <summary>{t(key, { count: items?.length ?? 0 })}</summary>
          <ul className="hw-mono">
            {(items ?? []).slice(0, 200).map((one) => <li key={show(one)}>{show(one)}</li>)}
          </ul>
        </details>))}
      {template?.rules && (
        <details style={{ marginTop: 8 }}>
          <summary>{t('ruleCounts')}</summary>
          <table className={styles.table}><tbody>
            {template.rules.map((one) => (
              <tr key={one.points.join()}>
                <td className="hw-mono">{one.points.join(', ')}</td>
                <td className={styles.num}>{one.taken}</td>
              </tr>))}
          </tbody></table>
        </details>)}
    </section>
  );
}
