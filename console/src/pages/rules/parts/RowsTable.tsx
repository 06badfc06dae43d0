import type { ReactNode } from 'react';
import { formatTime, parseTime, useZone } from '~/lib/time';
import styles from '../rules.module.css';
import { words } from '../words';

export type Row = Record<string, unknown>;

// Of an event's many columns people look for these first.
const first = ['topic', 'value', 'payload', 'quality', 'time'];

// Columns of rows in the order in which they first appear; those of events by their weight.
export function columnsOfRows(rows: Row[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  return [...first.filter((name) => columns.has(name)),
    ...[...columns].filter((name) => !first.includes(name))];
}

export const cellText = (value: unknown): string =>
  value === undefined ? '' : value === null ? 'null'
    : typeof value === 'object' ? JSON.stringify(value) : String(value);

const shownRows = 200;
export const isCut = (rows: Row[]): boolean => rows.length > shownRows;

// Rows as a table, each with its time where there are times.
export function RowsTable({ rows, times, label, plain = false }: {
  rows: Row[]; times?: string[]; label: string; plain?: boolean;
}): ReactNode {
  const t = words.use();
  const zone = useZone();
  const columns = plain ? [...new Set(rows.flatMap((row) => Object.keys(row)))]
    : columnsOfRows(rows);
  return (
    <div className={styles.tableWrap} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.result}>
        <thead><tr>
          {times && <th scope="col">{t('rowTime')}</th>}
          {columns.map((name) => <th scope="col" key={name}>{name || t('tapRow')}</th>)}
        </tr></thead>
        <tbody>
          {rows.slice(0, shownRows).map((row, index) => (
            <tr key={index}>
              {times && <td className="hw-num hw-dim">
                {formatTime(parseTime(times[index]), 'clock', zone)}</td>}
              {columns.map((name) => (
                <td key={name} title={cellText(row[name])}
                  className={typeof row[name] === 'number' ? styles.num : undefined}>
                  {cellText(row[name])}</td>))}
            </tr>))}
        </tbody>
      </table>
    </div>
  );
}
