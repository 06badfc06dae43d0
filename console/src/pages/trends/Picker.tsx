import { ActionIcon, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Check, ChevronDown, ChevronRight, Plus } from 'lucide-react';
import { useMemo, useState, type DragEvent, type ReactNode } from 'react';
import { ApiError, getJson, query, seg } from '~/lib/api';
import type { Page } from '~/lib/points';
import { unitText, useUnits } from '~/lib/units';
import { ProblemAlert } from '~/ui';
import { everyText, type LocalText } from '~/words/localised';
import styles from './trends.module.css';
import { words } from './words';

export interface PickPoint {
  point: string;
  type: string;
  unit: string | null;
}

// What a dragged point is called between this list, other pages and the chart.
export const dragType = 'application/x-headworks-point';

export const startDrag = (event: DragEvent, point: string) => {
  event.dataTransfer.setData(dragType, point);
  event.dataTransfer.setData('text/plain', point);
  event.dataTransfer.effectAllowed = 'copy';
};

const pointsLimit = 20_000;
const hitsLimit = 100;

export const usePickPoints = () => useQuery({
  queryKey: ['pick-points'], staleTime: 60_000,
  queryFn: ({ signal }) => getJson<Page<PickPoint>>(
    `/api/v1/points${query({ fields: 'point,type,unit', limit: pointsLimit })}`, { signal }),
});

// All words must be in the path, in any order.
export function matches(path: string, text: string): boolean {
  const lower = path.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}

interface PickProps {
  taken: string[];
  onAdd: (point: string) => void;
}

function PointLine({ item, text, taken, onAdd, depth = 0 }: PickProps & {
  item: PickPoint; text: string; depth?: number;
}): ReactNode {
  const set = useUnits();
  const has = taken.includes(item.point);
  return (
    <button type="button" className={styles.pick} draggable title={item.point}
      style={{ paddingLeft: 8 + depth * 14 }} aria-pressed={has}
      onDragStart={(event) => startDrag(event, item.point)}
      onClick={() => onAdd(item.point)}>
      <span className={styles.pickText}>{text}</span>
      <span className={styles.pickUnit}>
        {item.unit ? unitText(item.unit, set) : item.type === 'double' ? '' : item.type}</span>
      {has ? <Check size={13} aria-hidden="true" /> : <Plus size={13} aria-hidden="true" />}
    </button>
  );
}

// The server's search where it has one (and then over any number of points), else the list here.
function useFound(text: string, all: PickPoint[] | undefined): PickPoint[] {
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const server = useQuery<PickPoint[] | null>({
    queryKey: ['point-search', wanted], enabled: wanted.length > 0, staleTime: 30_000,
    placeholderData: (old) => old,
    queryFn: ({ signal }) => getJson<Page<PickPoint>>(`/api/v1/points${query({
      search: wanted, fields: 'point,type,unit', limit: hitsLimit })}`, { signal })
      .then(({ items }) => items)
      .catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 400) return null;
        throw error;
      }),
  });
  return useMemo(() => server.data
    ?? (all ?? []).filter(({ point }) => matches(point, wanted)).slice(0, hitsLimit),
  [server.data, all, wanted]);
}

interface Branch {
  name: string;
  path: string;
  children: Map<string, Branch>;
  leaf?: PickPoint;
  count: number;
}

function branchesOf(points: PickPoint[]): Branch {
  const top: Branch = { name: '', path: '', children: new Map(), count: 0 };
  for (const item of points) {
    let at = top;
    for (const name of item.point.split('/')) {
      at.count += 1;
      const path = at.path ? `${at.path}/${name}` : name;
      let next = at.children.get(name);
      if (!next) at.children.set(name, (next = { name, path, children: new Map(), count: 0 }));
      at = next;
    }
    at.leaf = item;
  }
  return top;
}

function BranchLines({ branch, depth, open, toggle, taken, onAdd }: PickProps & {
  branch: Branch; depth: number; open: Set<string>; toggle: (path: string) => void;
}): ReactNode {
  return [...branch.children.values()].map((child) => {
    const opened = open.has(child.path);
    return (
      <div key={child.path}>
        {child.leaf && <PointLine item={child.leaf} text={child.name} taken={taken} onAdd={onAdd}
          depth={depth} />}
        {child.children.size > 0 && (
          <button type="button" className={styles.branch} aria-expanded={opened}
            style={{ paddingLeft: 4 + depth * 14 }} onClick={() => toggle(child.path)}
            title={child.path}>
            {opened ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
            <span>{child.name}</span>
            <span className={styles.pickUnit}>{child.count}</span>
          </button>
        )}
        {opened && <BranchLines branch={child} depth={depth + 1} open={open} toggle={toggle}
          taken={taken} onAdd={onAdd} />}
      </div>
    );
  });
}

function TreePick({ points, taken, onAdd }: PickProps & { points: PickPoint[] }): ReactNode {
  const top = useMemo(() => branchesOf(points), [points]);
  // Where there is but one way down it is open.
  const [open, setOpen] = useState<Set<string>>(() => {
    const first = new Set<string>();
    for (let at = top; at.children.size === 1;) {
      at = [...at.children.values()][0] as Branch;
      first.add(at.path);
    }
    for (const point of taken) {
      const parts = point.split('/');
      for (let i = 1; i < parts.length; ++i) first.add(parts.slice(0, i).join('/'));
    }
    return first;
  });
  const toggle = (path: string) => setOpen((old) => {
    const next = new Set(old);
    if (!next.delete(path)) next.add(path);
    return next;
  });
  return <BranchLines branch={top} depth={0} open={open} toggle={toggle} taken={taken}
    onAdd={onAdd} />;
}

interface TwinAnswer {
  properties: Record<string, { point?: string; unit?: string }>;
}

function TwinPick({ taken, onAdd }: PickProps): ReactNode {
  const t = words.use();
  const [text, setText] = useState('');
  const [twin, setTwin] = useState<string | null>(null);
  const all = useQuery({
    queryKey: ['pick-twins'], staleTime: 60_000,
    queryFn: ({ signal }) => getJson<Page<{ id: string; name?: LocalText; model: string }>>(
      `/api/v1/twins${query({ values: false, limit: pointsLimit })}`, { signal }),
  });
  const one = useQuery({
    queryKey: ['pick-twin', twin], enabled: twin !== null, staleTime: 60_000,
    queryFn: ({ signal }) => getJson<TwinAnswer>(`/api/v1/twins/${seg(twin ?? '')}`, { signal }),
  });
  const found = (all.data?.items ?? [])
    .filter(({ id, name }) => matches([id, ...everyText(name)].join(' '), text))
    .slice(0, hitsLimit);
  const lines = Object.entries(one.data?.properties ?? {}).filter(([, { point }]) => point);
  return (
    <>
      <TextInput size="xs" value={text} aria-label={t('findTwin')} placeholder={t('findTwin')}
        onChange={(event) => setText(event.currentTarget.value)} />
      <div className={styles.picks}>
        <ProblemAlert error={all.error ?? one.error} />
        {found.length === 0 && all.data && <p className="hw-dim">{t('noneTwin', { text })}</p>}
        {found.map(({ id, model }) => (
          <div key={id}>
            <button type="button" className={styles.branch} aria-expanded={twin === id}
              onClick={() => setTwin(twin === id ? null : id)}>
              {twin === id ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
              <span>{id}</span>
              <span className={styles.pickUnit}>{model.replace(/^.*:|;\d+$/g, '')}</span>
            </button>
            {twin === id && one.data && lines.length === 0
              && <p className="hw-dim">{t('noPointsTwin')}</p>}
            {twin === id && lines.map(([name, { point, unit }]) => (
              <PointLine key={name} text={name} taken={taken} onAdd={onAdd} depth={1}
                item={{ point: point as string, type: 'double', unit: unit ?? null }} />
            ))}
          </div>
        ))}
      </div>
    </>
  );
}

export function Picker({ taken, onAdd, onClose }: PickProps & { onClose: () => void }): ReactNode {
  const t = words.use();
  const [way, setWay] = useState('tree');
  const [text, setText] = useState('');
  const points = usePickPoints();
  const found = useFound(text, points.data?.items);
  return (
    <aside className={styles.picker} aria-label={t('addPens')}>
      <div className={styles.pickHead}>
        <SegmentedControl size="xs" value={way} onChange={setWay} fullWidth style={{ flex: 1 }}
          data={[{ value: 'tree', label: t('tree') }, { value: 'twins', label: t('twins') }]} />
        <ActionIcon variant="subtle" color="gray" aria-label={t('hidePicker')} onClick={onClose}>
          <ChevronRight size={16} style={{ transform: 'rotate(180deg)' }} />
        </ActionIcon>
      </div>
      {way === 'twins' ? <TwinPick taken={taken} onAdd={onAdd} /> : (
        <>
          <TextInput size="xs" value={text} aria-label={t('search')} type="search"
            placeholder={`${t('search')}, ${t('searchHint')}`}
            onChange={(event) => setText(event.currentTarget.value)} />
          <div className={styles.picks}>
            <ProblemAlert error={points.error} />
            {text.trim() ? (
              <>
                {found.map((item) => <PointLine key={item.point} item={item} text={item.point}
                  taken={taken} onAdd={onAdd} />)}
                {found.length === 0 && <p className="hw-dim">{t('noneFound', { text })}</p>}
                {found.length === hitsLimit
                  && <p className="hw-dim">{t('moreFound', { count: hitsLimit })}</p>}
              </>
            ) : points.data && <TreePick points={points.data.items} taken={taken} onAdd={onAdd} />}
          </div>
        </>
      )}
    </aside>
  );
}
