import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { live, useLiveCallback } from '~/lib/live';
import { convert, unitText, useUnits } from '~/lib/units';
import { loadFeedInfos } from './feeds';
import { bucketStep, type Grid } from './grid';
import { loadDoubt, loadInfos, loadTracks, shiftOf, type PenOrder } from './load';
import { pushRow } from './tracks';
import { isState, type Pen, type PenInfo, type Range, type ShownPen, type Track } from './types';

// Brings what a chart draws: asks anew when the window or the pens change (late enough not to
// ask for each step of a wheel, and giving up what is outdated), and appends what comes live.
export interface PenData {
  shown: ShownPen[];
  version: number;
  known: boolean; // types and units are there
  loading: boolean;
  error: unknown;
  // False: this server has no SQL, so slices cannot tell what was bad in them.
  doubtKnown: boolean;
  answeredMs: number; // how long the last answer took
  retry: () => void;
}

const patienceMs = 140;
const appendEveryMs = 400;
const unknownInfo: PenInfo = { type: 'unknown', unit: null };

interface Loaded {
  key: string; // of the pens
  grid: Grid;
  tracks: Track[];
  orders: PenOrder[];
}

// Whether what is there covers the window finely enough, with something left at both sides.
export function covers(grid: Grid, window: Range, pixels: number): boolean {
  const span = window.to - window.from;
  const fine = grid.stepMs <= (span / pixels) * 1.5 && grid.stepMs >= (span / pixels) * 0.7;
  return fine && grid.from <= window.from - span * 0.03 && grid.to >= window.to + span * 0.03;
}

// With `feeds` it is also known which twins the points feed, and the limits of these.
export function usePenData(pens: Pen[], window: Range, pixels: number,
  following: boolean, feeds = false): PenData {
  const set = useUnits();
  const points = useMemo(() => [...new Set(pens.map(({ point }) => point))].sort(), [pens]);
  const infos = useQuery({
    queryKey: ['pen-infos', points], enabled: points.length > 0, staleTime: 300_000,
    queryFn: ({ signal }) => loadInfos(points, signal), placeholderData: (old) => old,
  });
  // By itself, so that no line waits for it.
  const fed = useQuery({
    queryKey: ['pen-feeds', points], enabled: feeds && points.length > 0, staleTime: 300_000,
    queryFn: ({ signal }) => loadFeedInfos(points, signal), placeholderData: (old) => old,
  });
  const orders = useMemo<PenOrder[]>(() => pens.map((pen) => {
    const info = { ...infos.data?.get(pen.point) ?? unknownInfo, ...fed.data?.get(pen.point) };
    const zero = convert(0, info.unit, set).value;
    const linear = { factor: convert(1, info.unit, set).value - zero, offset: zero };
    return { pen, info, linear };
  }), [pens, infos.data, fed.data, set]);
  // What changes the rows; colours and axes do not.
  const key = useMemo(() => JSON.stringify(orders.map(({ pen, info, linear }) =>
    [pen.point, pen.aggregation, pen.shift, pen.draw, info.type, linear])), [orders]);
  const known = infos.data !== undefined || points.length === 0;
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<{ loading: boolean; error: unknown; doubtKnown: boolean;
    answeredMs: number }>({ loading: true, error: null, doubtKnown: true, answeredMs: 0 });
  const [round, setRound] = useState(0);
  const latest = useRef({ window, orders, loaded });
  useEffect(() => {
    latest.current = { window, orders, loaded };
  });
  const place = following ? `now ${Math.round(window.to - window.from)}`
    : `${Math.round(window.from)} ${Math.round(window.to)}`;
  useEffect(() => {
    if (!known || pixels === 0) return;
    const now = latest.current;
    if (now.orders.length === 0) {
      setLoaded(null);
      setState((old) => ({ ...old, loading: false, error: null }));
      return;
    }
    if (!following && now.loaded?.key === key && covers(now.loaded.grid, now.window, pixels))
      return;
    const abort = new AbortController();
    const ask = async () => {
      const began = performance.now();
      setState((old) => ({ ...old, loading: true }));
      try {
        const wanted = latest.current;
        const answer = await loadTracks(wanted.orders, wanted.window, pixels, abort.signal);
        if (abort.signal.aborted) return;
        setLoaded({ key, ...answer, orders: wanted.orders });
        setState((old) => ({
          ...old, loading: false, error: null, answeredMs: performance.now() - began }));
        const doubt = await loadDoubt(wanted.orders, answer.tracks, answer.grid, abort.signal);
        doubt?.forEach((stretches, i) => {
          if (stretches.length) (answer.tracks[i] as Track).doubt = stretches;
        });
        setState((old) => ({ ...old, doubtKnown: doubt !== undefined }));
        setVersion((old) => old + 1);
      } catch (error) {
        if (!abort.signal.aborted) setState((old) => ({ ...old, loading: false, error }));
      }
    };
    const timer = globalThis.setTimeout(() => void ask(), now.loaded?.key === key ? patienceMs : 0);
    return () => {
      globalThis.clearTimeout(timer);
      abort.abort();
    };
  }, [key, place, pixels, following, known, round]);
  useReask(following, window, pixels, pens, setRound);
  useAppend(points, latest, setVersion);
  const shown = useMemo<ShownPen[]>(() => orders.map(({ pen, info }) => {
    // Rows stay with their pen while pens come and go, until the new ones are there.
    const at = loaded?.orders.findIndex((one) => one.pen.point === pen.point
      && one.pen.aggregation === pen.aggregation && one.pen.shift === pen.shift) ?? -1;
    return {
      pen, info, track: at >= 0 ? loaded?.tracks[at] : undefined,
      unit: pen.aggregation === 'count' ? '' : unitText(info.unit, set),
    };
    // `version` makes new objects of tracks that were changed in place.
  }), [orders, loaded, set, version]);
  const retry = useCallback(() => setRound((old) => old + 1), []);
  return { shown, version, known, ...state, error: infos.error ?? state.error, retry };
}

// While following, rows that came live are of a finer grain than slices and buckets: now and
// then all is asked anew.
function useReask(following: boolean, window: Range, pixels: number, pens: Pen[],
  setRound: (change: (old: number) => number) => void): void {
  const span = window.to - window.from;
  const buckets = pens.some(({ aggregation }) => aggregation !== 'auto');
  const every = buckets ? Math.max(5_000, bucketStep(span / Math.max(1, pixels)))
    : Math.min(600_000, Math.max(60_000, span / 20));
  const rounded = Math.round(every / 1000) * 1000;
  useEffect(() => {
    if (!following) return;
    const timer = globalThis.setInterval(() => setRound((old) => old + 1), rounded);
    return () => globalThis.clearInterval(timer);
  }, [following, rounded, setRound]);
}

function useAppend(points: string[],
  latest: { current: { loaded: Loaded | null } },
  setVersion: (change: (old: number) => number) => void): void {
  const due = useRef(0);
  useLiveCallback(points, () => {
    const { loaded } = latest.current;
    if (!loaded) return;
    let grew = false;
    loaded.orders.forEach(({ pen, info, linear }, i) => {
      const track = loaded.tracks[i];
      const value = live.get(pen.point);
      if (!track || !value || shiftOf(pen) || track.error || value.time > loaded.grid.to + 86400e3)
        return;
      if (pen.aggregation !== 'auto' && !isState(info)) return;
      if (pushRow(track, value.time, value.value, value.quality, linear)) grew = true;
    });
    if (!grew || due.current) return;
    due.current = globalThis.setTimeout(() => {
      due.current = 0;
      setVersion((old) => old + 1);
    }, appendEveryMs) as unknown as number;
  });
}
