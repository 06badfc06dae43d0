import type { ReactNode } from 'react';
import styles from '~/pages/gateway/gateway.module.css';
import text from '../../../../THIRD_PARTY.md?raw';
import { partiesOf } from './thirdParties';

const tables = partiesOf(text);

export default function ThirdParties(): ReactNode {
  return tables.map((table) => (
    <div key={`${table.title} ${table.head.join()}`} lang="en">
      <h3 style={{ margin: '12px 0 4px' }}>{table.title}</h3>
      <table className={`${styles.plain} ${styles.lined}`}>
        <thead><tr>{table.head.map((cell) => <th key={cell}>{cell}</th>)}</tr></thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row[0]}>{row.map((cell, i) => <td key={table.head[i] ?? i}>{cell}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  ));
}
