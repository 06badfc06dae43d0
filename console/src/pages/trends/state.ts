import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useLink } from '~/lib/live';
import { resolveTime, useZone } from '~/lib/time';
import type { Pen, Range } from './chart/types';
import { readPens, writePens, writeSearch } from './url';
import { canBack, canForward, go, move, startAt, stepOf, type ZoomHistory } from './zoomHistory';

// All state of the page, as it stands in the address.
export const tabs = ['pens', 'table', 'statistics', 'notes', 'sql'] as const;
export type Tab = (typeof tabs)[number];

export interface PageState {
  pens: Pen[];
  from: string;
  to: string;
  zone: string;
  tab: Tab;
  events: boolean;
  ranges: boolean;
  notes: boolean;
  sql: string | null;
  set: (change: Partial<Record<Name, string | null>>) => void;
  setPens: (pens: Pen[]) => void;
}

const names = ['pens', 'from', 'to', 'tz', 'tab', 'events', 'ranges', 'notes', 'sql',
  'tv'] as const;
type Name = (typeof names)[number];

export const usualFrom = 'now-1h';

export function usePageState(): PageState {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const ownZone = useZone();
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  const set = useCallback((change: Partial<Record<Name, string | null>>) => {
    const next: Record<string, string | null> = {};
    for (const name of names) next[name] = change[name] === undefined
      ? latest.current.get(name) : change[name] ?? null;
    const text = writeSearch(next);
    latest.current = new URLSearchParams(text);
    void navigate({ search: text }, { replace: true });
  }, [navigate]);
  const text = search.get('pens');
  const pens = useMemo(() => readPens(text), [text]);
  const setPens = useCallback((all: Pen[]) => set({ pens: writePens(all) }), [set]);
  const tab = search.get('tab') as Tab;
  return {
    pens, setPens, set,
    from: search.get('from') ?? usualFrom, to: search.get('to') ?? 'now',
    zone: search.get('tz') ?? ownZone,
    tab: tabs.includes(tab) ? tab : 'pens',
    events: search.get('events') !== '0', ranges: search.get('ranges') === '1',
    notes: search.get('notes') !== '0',
    sql: search.get('sql'),
  };
}

export const timeText = (ms: number): string =>
  new Date(Math.round(ms)).toISOString().replace('.000Z', 'Z');

// "now-90s" of a span, in the largest unit that tells it.
export function relativeFrom(spanMs: number): string {
  for (const [unit, size] of [['d', 86400e3], ['h', 3600e3], ['m', 60e3], ['s', 1e3]] as const)
    if (spanMs % size === 0) return `now-${spanMs / size}${unit}`;
  return `now-${Math.max(1, Math.round(spanMs / 1e3))}s`;
}

export interface View {
  window: Range;
  following: boolean;
  canBack: boolean;
  canForward: boolean;
  onMove: (range: Range, moving: boolean) => void;
  choose: (from: string, to: string) => void;
  reset: () => void;
  back: () => void;
  forward: () => void;
  toLive: () => void;
}

const isRelative = (from: string, to: string) => from.startsWith('now') && to === 'now';

export function useView(state: PageState, pixels: number): View {
  const { from, to, set } = state;
  const link = useLink();
  const offset = Number.isFinite(link.clockOffsetMs) ? link.clockOffsetMs : 0;
  const following = isRelative(from, to);
  const [now, setNow] = useState(() => Date.now() + offset);
  const [held, setHeld] = useState<Range | null>(null);
  const [history, setHistory] = useState<ZoomHistory>(() => startAt({ from, to }));
  const relative = useRef(following ? from : usualFrom);
  const place = `${from} ${to}`;
  useEffect(() => {
    setHeld(null);
    setHistory((old) => go(old, { from, to }));
    setNow(Date.now() + offset);
    if (isRelative(from, to)) relative.current = from;
    // The offset alone is no new place.
  }, [place]);
  const span = resolveTime(to, 0) - resolveTime(from, 0);
  const tick = Math.min(30_000, Math.max(500, span / Math.max(1, pixels)));
  useEffect(() => {
    if (!following) return;
    const timer = window.setInterval(() => setNow(Date.now() + offset), tick);
    return () => window.clearInterval(timer);
  }, [following, tick, offset]);
  const ofUrl = useMemo(() => {
    const a = resolveTime(from, now);
    const b = resolveTime(to, now);
    return Number.isFinite(a) && Number.isFinite(b) && b > a
      ? { from: a, to: b } : { from: now - 3600e3, to: now };
  }, [from, to, now]);
  const choose = useCallback((a: string, b: string) => set({ from: a, to: b }), [set]);
  const onMove = useCallback((range: Range, moving: boolean) => {
    setHeld(range);
    if (!moving) choose(timeText(range.from), timeText(range.to));
  }, [choose]);
  const step = useCallback((by: -1 | 1) => {
    const next = move(history, by);
    setHistory(next);
    choose(stepOf(next).from, stepOf(next).to);
  }, [history, choose]);
  return {
    window: held ?? ofUrl,
    following: following && !held,
    canBack: canBack(history), canForward: canForward(history), onMove, choose,
    reset: useCallback(() => choose(relative.current, 'now'), [choose]),
    back: () => step(-1),
    forward: () => step(1),
    toLive: useCallback(() => choose(relative.current, 'now'), [choose]),
  };
}
