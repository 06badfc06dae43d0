import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import styles from '../broker.module.css';
import { countText } from '../parts';
import { words } from '../words';
import { utf8 } from './bytes';
import type { TopicNode, TreeRow } from './store';

const rowHeight = 26;
const previewLength = 60;
const freshMs = 1000;

function preview(node: TopicNode): string {
  const { last } = node;
  if (!last) return '';
  const text = utf8(last.payload.subarray(0, previewLength));
  return text === null || /[\u0000-\u0008]/.test(text) ? `${last.size} B` : text;
}

export function TopicTree({ rows, selected, onSelect, onToggle, onMore }: {
  rows: TreeRow[]; selected: string; onSelect: (topic: string) => void;
  onToggle: (node: TopicNode, open: boolean) => void; onMore: (node: TopicNode) => void;
}): ReactNode {
  const t = words.use();
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight,
    overscan: 10,
  });
  const focusRow = (index: number) => {
    if (index < 0 || index >= rows.length) return;
    virtual.scrollToIndex(index);
    window.requestAnimationFrame(() => scroll.current
      ?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, index: number, row: TreeRow) => {
    if (event.key === 'ArrowDown') focusRow(index + 1);
    else if (event.key === 'ArrowUp') focusRow(index - 1);
    else if (event.key === 'ArrowRight' && row.branch && !row.open) onToggle(row.node, true);
    else if (event.key === 'ArrowLeft' && row.open) onToggle(row.node, false);
    else if (event.key === 'ArrowLeft') focusRow(parentOf(rows, index));
    else return;
    event.preventDefault();
  };
  const now = Date.now();
  const chosen = rows.findIndex((row) => !row.more && row.node.topic === selected);
  return (
    <div className={`hw-panel ${styles.tree}`} ref={scroll} role="tree" aria-label={t('topicTree')}>
      <div style={{ height: virtual.getTotalSize() }} role="presentation">
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index] as TreeRow;
          const { node } = row;
          const place = { top: item.start, paddingLeft: 8 + row.depth * 14 };
          const tabIndex = item.index === Math.max(0, chosen) ? 0 : -1;
          if (row.more)
            return (
              <button key={`${node.topic}/more`} type="button" className={styles.row} style={place}
                role="treeitem" aria-level={row.depth + 1} data-index={item.index}
                tabIndex={tabIndex} onKeyDown={(event) => onKey(event, item.index, row)}
                onClick={() => onMore(node)}>
                <span className={styles.twist} />
                <span style={{ color: 'var(--hw-accent)' }}>{t('moreLevels')}</span>
              </button>);
          const fresh = node.last !== null && now - node.last.time < freshMs;
          return (
            <button key={node.topic} type="button" className={styles.row} style={place}
              role="treeitem" aria-level={row.depth + 1} data-index={item.index}
              aria-expanded={row.branch ? row.open : undefined} tabIndex={tabIndex}
              aria-selected={item.index === chosen}
              onKeyDown={(event) => onKey(event, item.index, row)}
              onDoubleClick={() => row.branch && onToggle(node, !row.open)}
              onClick={() => onSelect(node.topic)}>
              <span className={styles.twist} aria-hidden="true" onClick={(event) => {
                if (!row.branch) return;
                event.stopPropagation();
                onToggle(node, !row.open);
              }}>
                {row.branch && (row.open ? <ChevronDown size={14} /> : <ChevronRight size={14} />)}
              </span>
              <span className={styles.label}>{node.name || '""'}</span>
              {node.isRetained && <span className={styles.tag}>{t('retainedMark')}</span>}
              {node.isPoint && <span className={styles.tag}>{t('pointMark')}</span>}
              <span className={`${styles.preview} ${fresh ? styles.fresh : ''}`}>
                {preview(node)}</span>
              <span className={styles.count}>{node.total ? countText(node.total) : ''}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function parentOf(rows: TreeRow[], index: number): number {
  const depth = rows[index]?.depth ?? 0;
  let at = index - 1;
  while (at >= 0 && (rows[at]?.depth ?? 0) >= depth) at -= 1;
  return at;
}
