import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, getJson, query, send } from '~/lib/api';
import { live, type Trust } from '~/lib/live';
import { languageNow } from '~/lib/words';
import { localised } from '~/words/localised';
import { changesOf, type AuditRecord, type TwinEvent } from './changes';
import { readMetrics, type Reading } from './metrics';
import { kindOf, type Twin } from './measures';

// What the overview asks: the sites with what is right below them, then, once these stand, figures,
// devices, rules and what changed. Values of points it has from the live stream anyway.
interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Site {
  id: string;
  name: string;
  twins: Twin[]; // its own first
}

const twinsLimit = 200;
const below = 'works,zones,energyMeters,finalAnalyzers,stores';

const twinsOf = (params: Record<string, string | number | boolean>, signal: AbortSignal) =>
  getJson<Page<Twin>>(`/api/v1/twins${query({ limit: twinsLimit, ...params })}`, { signal })
    .then(({ items }) => items);

async function loadSites(signal: AbortSignal): Promise<Site[]> {
  let tops = await twinsOf({ model: 'dtmi:headworks:water:Site;1' }, signal).catch(noModel);
  if (tops.length === 0)
    tops = await twinsOf({ model: 'dtmi:headworks:water:Works;1' }, signal).catch(noModel);
  return Promise.all(tops.map(async (top) => {
    const found = await twinsOf({ root: top.id, along: below, depth: 2 }, signal);
    const twins = [top, ...found.filter(({ id }) => id !== top.id)];
    return { id: top.id, name: localised(top.name) || top.id, twins };
  }));
}

// A server whose library of models was never installed has none of these twins.
function noModel(error: unknown): Twin[] {
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return [];
  throw error;
}

export const useSites = () => useQuery({
  queryKey: ['overview-sites', languageNow()], refetchInterval: 3_000, staleTime: 1_000,
  placeholderData: keepPreviousData, queryFn: ({ signal }) => loadSites(signal),
});

// Which kinds of things there are at all; decides what the empty state teaches.
export const useSomePoints = (wanted: boolean) => useQuery({
  queryKey: ['overview-points'], enabled: wanted, refetchInterval: 3_000,
  queryFn: ({ signal }) => getJson<Page<{ point: string }>>(
    `/api/v1/points${query({ fields: 'point', limit: 200 })}`, { signal })
    .then(({ items }) => items.map(({ point }) => point)),
});

// A filter for the first site there is: what most points have above them.
export function filterOf(points: string[]): string {
  const tops = new Map<string, number>();
  for (const point of points) {
    const [top = '', ...below] = point.split('/');
    if (below.length) tops.set(top, (tops.get(top) ?? 0) + 1);
  }
  const most = [...tops].sort((a, b) => b[1] - a[1])[0]?.[0];
  return most ? `${most}/#` : '#';
}

// Two readings of /metrics some seconds apart: the first pair soon, so that rates are there early.
export function useReadings(): { before: Reading | null; now: Reading | null; error: unknown } {
  const last = useRef<Reading | null>(null);
  const [pair, setPair] = useState<{ before: Reading | null; now: Reading | null }>(
    { before: null, now: null });
  const answer = useQuery<Reading>({
    queryKey: ['overview-metrics'], staleTime: 500,
    refetchInterval: (one) => one.state.dataUpdateCount < 2 ? 1_500 : 5_000,
    queryFn: async ({ signal }) => {
      const text = await send('/metrics', { signal }).then((response) => response.text());
      return { at: performance.now(), metrics: readMetrics(text) };
    },
  });
  const { data } = answer;
  useEffect(() => {
    if (!data) return;
    setPair({ before: last.current, now: data });
    last.current = data;
  }, [data]);
  return { ...pair, error: answer.error };
}

export interface Figures {
  times: number[];
  figures: Record<string, (number | null)[]>;
}

// The last hour of the key figures; null where the server does not keep them.
export const useFigures = () => useQuery({
  queryKey: ['overview-figures'], refetchInterval: 15_000,
  queryFn: ({ signal }): Promise<Figures | null> =>
    getJson<Figures>('/api/v1/system/figures', { signal }).catch((error: unknown) => {
      if (error instanceof ApiError && [403, 404].includes(error.status)) return null;
      throw error;
    }),
});

export interface Device {
  name: string;
  driver: string;
  enabled: boolean;
  problem: string;
  // None where the configuration is refused.
  state?: { link: string; since: string; last_error?: string; tags: number; tags_bad: number };
}

// It has its link: connected, or listening for those who send by themselves.
export const isUp = ({ state, problem }: Device): boolean =>
  !problem && (state?.link === 'connected' || state?.link === 'listening');

export const useDevices = () => useQuery({
  queryKey: ['overview-devices'], refetchInterval: 5_000,
  queryFn: ({ signal }) => getJson<Page<Device>>(
    `/api/v1/devices${query({ limit: 1000 })}`, { signal }).then(({ items }) => items),
});

export interface Rule {
  id: string;
  enable: boolean;
  status: string;
  description?: string;
  problem?: string;
  error?: string;
}

// Null for whom the rules are not: one who is limited to a part of the points.
export const readRules = (signal?: AbortSignal): Promise<Rule[] | null> => getJson<Page<Rule>>(
  `/api/v1/rules${query({ limit: 1000 })}`, { signal }).then(({ items }) => items,
  (error: unknown) => {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  });

export const useRules = () => useQuery({
  queryKey: ['overview-rules'], queryFn: ({ signal }) => readRules(signal),
  refetchInterval: ({ state }) => (state.data === null ? false : 10_000),
});

// Lines of the list; of each kind the server is asked for more, since many fall together.
const changesLimit = 60;
const asked = 300;

export const useChanges = (span: string) => useQuery({
  queryKey: ['overview-changes', span], refetchInterval: 10_000, placeholderData: keepPreviousData,
  queryFn: async ({ signal }) => {
    const rest = query({ from: `now-${span}`, limit: asked });
    const [audit, twins] = await Promise.all([
      getJson<Page<AuditRecord>>(`/api/v1/audit${rest}`, { signal }),
      getJson<Page<TwinEvent>>(`/api/v1/twin/past/events${rest}`, { signal }),
    ]);
    return { changes: changesOf(audit.items, twins.items).slice(0, changesLimit),
      more: audit.next !== null || twins.next !== null };
  },
});

export interface PointTroubles {
  known: number;
  bad: number;
  stale: number;
  uncertain: number;
  worst: { path: string; trust: Trust; quality: string; time: number }[];
  newest: number; // epoch ms of the newest sample there is
}

const troublesListed = 200;
const lookEveryMs = 2_000;

function lookAtPoints(): PointTroubles {
  const found: PointTroubles = {
    known: 0, bad: 0, stale: 0, uncertain: 0, worst: [], newest: -Infinity };
  for (const path of live.paths()) {
    const value = live.get(path);
    if (!value) continue;
    found.known += 1;
    if (value.time > found.newest) found.newest = value.time;
    const trust = live.trust(value);
    if (trust === 'bad') found.bad += 1;
    else if (trust === 'stale') found.stale += 1;
    else if (trust === 'uncertain') found.uncertain += 1;
    if ((trust === 'bad' || trust === 'stale') && found.worst.length < troublesListed)
      found.worst.push({ path, trust, quality: value.quality, time: value.time });
  }
  return found;
}

// Counted from the live stream each two seconds: costs no request, some 1 ms for 10,000 points.
export function usePointTroubles(): PointTroubles {
  const [found, setFound] = useState(lookAtPoints);
  useEffect(() => {
    const stop = live.subscribeAll(() => undefined);
    const look = () => setFound(lookAtPoints());
    const first = window.setTimeout(look, 700);
    const timer = window.setInterval(look, lookEveryMs);
    return () => {
      stop();
      window.clearTimeout(first);
      window.clearInterval(timer);
    };
  }, []);
  return found;
}

export const worksOf = (site: Site): Twin | undefined =>
  site.twins.find(({ model }) => kindOf(model) === 'Works');

export const useSiteDevices = (site: Site, devices: Device[] | undefined, alone: boolean) =>
  useMemo(() => (devices ?? []).filter(({ name }) =>
    alone || name === site.id || name.startsWith(`${site.id}/`)), [site.id, devices, alone]);
