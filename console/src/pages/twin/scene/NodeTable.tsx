import { useEffect, useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { formatNumber } from '~/lib/units';
import { DataTable, type Column } from '~/ui';
import type { RawNode, SceneFlaw, Vector } from './data';
import { nameOf } from './draft';
import { kindOf, sizeText } from './shapes';
import styles from './scene.module.css';
import { words } from './words';

// A number that is taken when it is whole: Enter, or leaving the field. What is no number is
// marked and not taken; Esc puts back what was there.
export function NumberCell({ value, label, onChange, readOnly = false }: {
  value: number; label: string; onChange: (value: number) => void; readOnly?: boolean;
}): ReactNode {
  const [text, setText] = useState<string | null>(null);
  const parsed = text === null || text.trim() === '' ? value : Number(text.replace(',', '.'));
  const bad = !Number.isFinite(parsed);
  const take = () => {
    if (text !== null && !bad && parsed !== value) onChange(parsed);
    setText(null);
  };
  return (
    <input className={`${styles.cell} hw-num`} data-number aria-label={label} readOnly={readOnly}
      value={text ?? String(value)} aria-invalid={bad || undefined} inputMode="decimal"
      onChange={(event) => setText(event.currentTarget.value)} onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
        else if (event.key === 'Escape' && text !== null) {
          event.preventDefault();
          event.stopPropagation();
          setText(null);
        }
      }} />
  );
}

export function TextCell({ value, shown, label, onChange, readOnly = false, list }: {
  value: string; shown?: string; label: string; onChange: (value: string) => void;
  readOnly?: boolean;
  list?: string;
}): ReactNode {
  const [text, setText] = useState<string | null>(null);
  const take = () => {
    if (text !== null && text.trim() !== value) onChange(text.trim());
  };
  return (
    <input className={styles.cell} aria-label={label} readOnly={readOnly} title={value}
      value={text ?? shown ?? value} list={list}
      onFocus={shown === undefined ? undefined : ({ currentTarget }) => {
        // At once: what is typed or put in next replaces the whole text.
        flushSync(() => setText(value));
        currentTarget.select();
      }}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        take();
        setText(null);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
        else if (event.key === 'Escape' && text !== null && text !== value) {
          event.preventDefault();
          event.stopPropagation();
          setText(value);
        }
      }} />
  );
}

export type Edit = (id: string, change: Partial<RawNode>) => void;

// What stands below the scene's own twin without its beginning.
const shortened = (twin: string | undefined, site: string): string =>
  (twin?.startsWith(`${site}/`) ? `…${twin.slice(site.length)}` : twin ?? '');

// All nodes: what they stand for, where, how large. The chosen one is chosen on the plan as well.
export function NodeTable({
  site, nodes, errors, warnings, selected, onSelect, onEdit, onName, may,
}: {
  site: string; nodes: RawNode[]; errors: SceneFlaw[]; warnings: SceneFlaw[];
  selected: string | null; onSelect: (id: string) => void; onEdit: Edit;
  onName: (node: RawNode, text: string) => void; may: boolean;
}): ReactNode {
  const t = words.use();
  const place = useRef<HTMLDivElement>(null);
  useChosenInView(place, nodes, selected);
  const flawed = new Map<string, { text: string; soft: boolean }>();
  for (const one of warnings) if (one.node) flawed.set(one.node, { text: one.text, soft: true });
  for (const one of errors) if (one.node) flawed.set(one.node, { text: one.text, soft: false });
  const axis = (index: 0 | 1 | 2, title: string): Column<RawNode> => ({
    id: title, title, width: 68, right: true, sort: (node) => node.position?.[index] ?? 0,
    cell: (node) => (
      <NumberCell value={node.position?.[index] ?? 0} readOnly={!may}
        label={t('axisOf', { axis: title, name: nameOf(node) })}
        onChange={(value) => {
          const position = [...(node.position ?? [0, 0, 0])] as Vector;
          position[index] = value;
          onEdit(node.id, { position });
        }} />),
  });
  const columns: Column<RawNode>[] = [
    { id: 'name', title: t('node'), sort: nameOf, cell: (node) => {
      const flaw = flawed.get(node.id);
      return (
        <span className={styles.nodeCell}>
          {flaw && <span title={flaw.text} aria-label={flaw.text}
            style={{ color: flaw.soft ? 'var(--hw-warn)' : 'var(--hw-alarm)' }}>
            {flaw.soft ? '△' : '✕'}</span>}
          <TextCell value={nameOf(node)} label={t('nameOf', { name: node.id })} readOnly={!may}
            onChange={(text) => onName(node, text)} />
        </span>);
    } },
    { id: 'kind', title: t('kind'), width: 80, sort: kindOf,
      cell: (node) => <span className="hw-dim">{t(kindKey(kindOf(node)))}</span> },
    { id: 'twin', title: t('twin'), sort: (node) => node.twin ?? '', cell: (node) => (
      <TextCell value={node.twin ?? ''} shown={shortened(node.twin, site)}
        label={t('twinOf', { name: nameOf(node) })}
        list="scene-twins" readOnly={!may}
        onChange={(twin) => onEdit(node.id, { twin: twin || undefined })} />) },
    axis(0, 'x'), axis(1, 'y'), axis(2, 'z'),
    { id: 'size', title: t('size'), width: 140, cell: (node) => (
      <span className="hw-dim hw-num">{sizeText(node.shape, (one) => formatNumber(one))}</span>) },
  ];
  return (
    <div className={styles.tablePlace} ref={place} onFocus={(event) => {
      const key = (event.target as Element).closest('tr')?.getAttribute('data-key');
      if (key && key !== selected) onSelect(key);
    }}>
      <DataTable rows={nodes} columns={columns} rowKey={(node) => node.id} label={t('nodes')}
        selected={selected ?? ''} onOpen={(node) => onSelect(node.id)} empty={t('noNodes')} />
    </div>
  );
}

const rowHeight = 35;

// A node that is chosen on the plan is scrolled to, unless the table is in its own order.
function useChosenInView(place: React.RefObject<HTMLDivElement | null>, nodes: RawNode[],
  selected: string | null): void {
  useEffect(() => {
    const at = nodes.findIndex((node) => node.id === selected);
    const within = place.current;
    if (at < 0 || !within || within.contains(document.activeElement)) return;
    if (within.querySelector('th[aria-sort]')) return;
    const scroll = within.querySelector('table')?.parentElement;
    if (!scroll) return;
    const top = at * rowHeight;
    if (top < scroll.scrollTop || top > scroll.scrollTop + scroll.clientHeight - 2 * rowHeight)
      scroll.scrollTop = top - scroll.clientHeight / 2;
    // Only when another one is chosen.
    // eslint-disable-next-line
  }, [selected]);
}

const kindsKnown = ['box', 'cylinder', 'tank', 'basin', 'clarifier', 'filter', 'pipe', 'pump',
  'mixer', 'valve', 'building', 'tower', 'river', 'area', 'label', 'arrow', 'tree', 'asset',
  'group'] as const;
export const kindKey = (kind: string): `kind_${(typeof kindsKnown)[number]}` =>
  `kind_${(kindsKnown as readonly string[]).includes(kind)
    ? kind as (typeof kindsKnown)[number] : 'group'}`;
