import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { ProblemAlert } from '~/ui';
import { localised } from '~/words/localised';
import { useModelName } from '../data';
import styles from '../twin.module.css';
import { words } from '../words';
import type { TreeRow } from './tree';
import { useTree, type TreeMode } from './useTree';

const rowHeight = 28;

// The asset tree. Arrow keys walk and open, Enter shows the twin.
export function Tree({ mode, selected, onSelect, version }: {
  mode: TreeMode; selected: string | null; onSelect: (id: string) => void; version: number;
}): ReactNode {
  const t = words.use();
  const scroll = useRef<HTMLDivElement>(null);
  const { rows, toggle, load, branches, error, reload } = useTree(mode, selected);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight,
    overscan: 10, getItemKey: (index) => rows[index]?.key ?? index,
  });
  const at = rows.findIndex((row) => row.kind === 'node' && row.node.id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    // Only when another twin is chosen or its row appears, not as others open.
    // eslint-disable-next-line
  }, [selected, at >= 0]);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else reload();
  }, [version, reload]);
  const focusRow = (index: number) => {
    if (index < 0 || index >= rows.length) return;
    virtual.scrollToIndex(index);
    window.setTimeout(() =>
      scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus(), 30);
  };
  const onKey = (event: KeyboardEvent, row: TreeRow, index: number) => {
    if (event.key === 'ArrowDown') focusRow(index + 1);
    else if (event.key === 'ArrowUp') focusRow(index - 1);
    else if (event.key === 'Home') focusRow(0);
    else if (event.key === 'End') focusRow(rows.length - 1);
    else if (row.kind === 'more' && event.key === 'Enter') pick(row);
    else if (row.kind !== 'node') return;
    else if (event.key === 'ArrowRight' && !row.leaf && !row.open) toggle(row.node.id);
    else if (event.key === 'ArrowRight') focusRow(index + 1);
    else if (event.key === 'ArrowLeft' && row.open) toggle(row.node.id);
    else if (event.key === 'ArrowLeft')
      focusRow(rows.findLastIndex((one, i) => i < index && one.depth < row.depth));
    else if (event.key === 'Enter' || event.key === ' ') pick(row);
    else return;
    event.preventDefault();
  };
  const pick = (row: TreeRow) => {
    if (row.kind === 'more') load(row.parent, branches.get(row.parent)?.next ?? undefined);
    else if (row.kind === 'node' && row.node.twin) onSelect(row.node.id);
    else if (row.kind === 'node') toggle(row.node.id);
  };
  const focusable = at >= 0 ? at : 0;
  return (
    <div className={styles.tree} ref={scroll} role="tree" aria-label={t('tree')}>
      {error !== null && <ProblemAlert error={error} retry={reload} />}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index] as TreeRow;
          return (
            <div key={item.key} data-index={item.index} role="treeitem"
              className={styles.treeRow} aria-level={row.depth + 1}
              tabIndex={item.index === focusable ? 0 : -1}
              aria-expanded={row.kind === 'node' && !row.leaf ? row.open : undefined}
              aria-selected={row.kind === 'node' && row.node.id === selected}
              style={{
                transform: `translateY(${item.start}px)`, paddingLeft: 8 + row.depth * 16,
              }}
              onClick={() => pick(row)} onKeyDown={(event) => onKey(event, row, item.index)}>
              <RowBody row={row} toggle={toggle} load={load}
                next={row.kind === 'more' ? branches.get(row.parent)?.next : null} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowBody({ row, toggle, load, next }: {
  row: TreeRow; toggle: (id: string) => void; load: (id: string, cursor?: string) => void;
  next: string | null | undefined;
}): ReactNode {
  const t = words.use();
  const nameOfModel = useModelName();
  const id = row.kind === 'node' ? row.node.id : '';
  const unknown = row.kind === 'node' && !row.leaf && !row.open;
  // A row that stays in view is asked whether it has parts, so that leaves look like leaves.
  useEffect(() => {
    if (!unknown) return;
    const timer = window.setTimeout(() => load(id), 250);
    return () => window.clearTimeout(timer);
  }, [unknown, id, load]);
  // The page to come of a branch is read when its row comes into view; more roots are asked for.
  const parent = row.kind === 'more' ? row.parent : '';
  useEffect(() => {
    if (parent && next) load(parent, next);
  }, [parent, next, load]);
  if (row.kind === 'wait') return <span className="hw-dim">…</span>;
  if (row.kind === 'more') return <span className={styles.more}>{t('treeMore')}</span>;
  return (
    <>
      <span className={styles.chevron} data-open={row.open} data-leaf={row.leaf} aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          if (!row.leaf) toggle(row.node.id);
        }}>
        {!row.leaf && <ChevronRight size={14} />}
      </span>
      <span className={styles.treeLabel} data-twin={row.node.twin} title={row.node.id}>
        {localised(row.node.label)}
      </span>
      {row.node.model && (
        <span className={styles.treeModel} title={row.node.model}>
          {nameOfModel(row.node.model)}</span>)}
    </>
  );
}
