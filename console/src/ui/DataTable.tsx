import { useVirtualizer } from '@tanstack/react-virtual';
import {
  useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode,
} from 'react';
import styles from './ui.module.css';
import { words } from './words';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  // What to sort by; without it the column does not sort.
  sort?: (row: Row) => number | string;
  width?: number | string;
  right?: boolean;
}

interface Props<Row> {
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  label: string; // of the table, for those who do not see it
  onOpen?: (row: Row) => void; // click or Enter on a row
  selected?: string;
  empty?: ReactNode;
}

const rowHeight = 35;

// A real table of any length: only the rows in view are in the document. Arrow keys move between
// rows, Enter opens one.
export function DataTable<Row>(props: Props<Row>): ReactNode {
  const { rows, columns, rowKey, label, onOpen, selected, empty } = props;
  const t = words.use();
  const scroll = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<{ id: string; down: boolean } | null>(null);
  const sorted = useMemo(() => {
    const by = columns.find((column) => column.id === order?.id)?.sort;
    if (!by || !order) return rows;
    const sign = order.down ? -1 : 1;
    return [...rows].sort((left, right) => {
      const a = by(left);
      const b = by(right);
      return sign * (typeof a === 'number' && typeof b === 'number'
        ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));
    });
  }, [rows, columns, order]);
  const virtual = useVirtualizer({
    count: sorted.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown[shown.length - 1]?.end ?? 0);
  const onKey = (event: KeyboardEvent<HTMLTableRowElement>, row: Row) => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' || event.key === ' ') onOpen?.(row);
    else if (event.key === 'ArrowDown') focusOn(event.currentTarget.nextElementSibling);
    else if (event.key === 'ArrowUp') focusOn(event.currentTarget.previousElementSibling);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.table}>
      <div className={styles.scroll} ref={scroll} tabIndex={sorted.length ? -1 : 0}>
        <table data-whole="hover" aria-label={label} aria-rowcount={sorted.length + 1}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.id} scope="col" style={{ width: column.width }}
                  className={column.right ? styles.right : undefined}
                  aria-sort={order?.id === column.id
                    ? order.down ? 'descending' : 'ascending' : undefined}>
                  {column.sort ? (
                    <button type="button" aria-label={t('sortBy', { column: column.title })}
                      onClick={() => setOrder((old) => old?.id !== column.id
                        ? { id: column.id, down: false }
                        : old.down ? null : { id: column.id, down: true })}>
                      {column.title}
                      <span aria-hidden="true">
                        {order?.id === column.id ? order.down ? '▾' : '▴' : ''}
                      </span>
                    </button>
                  ) : column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody onPointerOver={tellWhole}>
            {before > 0 && <tr aria-hidden="true" style={{ height: before }}><td /></tr>}
            {shown.map((item) => {
              const row = sorted[item.index] as Row;
              const key = rowKey(row);
              return (
                <tr key={key} aria-rowindex={item.index + 2} data-key={key}
                  data-link={Boolean(onOpen)} tabIndex={onOpen ? 0 : undefined}
                  aria-selected={selected === undefined ? undefined : selected === key}
                  onClick={onOpen ? () => onOpen(row) : undefined}
                  onKeyDown={(event) => onKey(event, row)}>
                  {columns.map((column) => (
                    <td key={column.id} className={column.right ? styles.right : undefined}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <tr aria-hidden="true" style={{ height: after }}><td /></tr>}
          </tbody>
        </table>
        {sorted.length === 0 && <div className={styles.nothing}>{empty ?? t('noRows')}</div>}
      </div>
    </div>
  );
}

// What is cut for want of room is read whole where the pointer is.
function tellWhole({ target }: PointerEvent<HTMLElement>): void {
  const cell = target instanceof Element ? target.closest('td') : null;
  if (!cell || cell.querySelector('[title]')) return;
  if ([cell, ...cell.querySelectorAll('*')].some((one) => one.scrollWidth > one.clientWidth + 1))
    cell.title = cell.innerText.trim();
  else cell.removeAttribute('title');
}

function focusOn(element: Element | null): void {
  if (element instanceof HTMLElement && element.tabIndex === 0) element.focus();
}
