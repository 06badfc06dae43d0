import { useState, type ReactNode } from 'react';
import type { TrialResult } from '../data';
import { RowsTable } from '../parts/RowsTable';
import styles from '../rules.module.css';
import { words } from '../words';

// What each step of a dry run took in and let out; opened, the first rows that left it.
export function StepTable({ result }: { result: TrialResult }): ReactNode {
  const t = words.use();
  const [open, setOpen] = useState<number | null>(null);
  const rowsOf = (index: number) => result.operator_rows?.[index] ?? [];
  const chosen = open === null ? undefined : result.operators[open];
  return (
    <>
      <div className={styles.tableWrap}>
        <table className={styles.result}>
          <thead><tr>
            <th scope="col">{t('operator')}</th>
            <th scope="col" className={styles.num}>{t('in')}</th>
            <th scope="col" className={styles.num}>{t('out')}</th>
            <th scope="col" className={styles.num}>{t('errors')}</th>
          </tr></thead>
          <tbody>
            {result.operators.map((one, index) => (
              <tr key={index} data-on={open === index}>
                <td title={one.detail}>
                  {rowsOf(index).length > 0
                    ? <button type="button" className={styles.fold} aria-expanded={open === index}
                      title={t('showRowsOf', { step: one.name })}
                      onClick={() => setOpen(open === index ? null : index)}>
                      {open === index ? '▾' : '▸'} {one.name}</button>
                    : <span className={styles.unfoldable}>{one.name}</span>}{' '}
                  <span className={`hw-dim ${styles.mono}`}>{one.detail}</span></td>
                <td className={styles.num}>{one.in}</td><td className={styles.num}>{one.out}</td>
                <td className={styles.num}>{one.errors || '–'}</td>
              </tr>))}
          </tbody>
        </table>
      </div>
      {open !== null && chosen && rowsOf(open).length > 0 && (
        <>
          <strong>{t('rowsOf', { step: chosen.name, shown: rowsOf(open).length,
            all: chosen.out })}</strong>
          <RowsTable rows={rowsOf(open)} label={t('showRowsOf', { step: chosen.name })} />
        </>)}
    </>
  );
}
