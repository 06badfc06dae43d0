import { ApiError, getJson, query, seg } from '~/lib/api';
import { live, type PointValue } from '~/lib/live';
import type { Page } from '~/lib/points';
import { parseTime } from '~/lib/time';
import type { Reading } from '../contract';
import { keyOf } from '../model/scene';
import type { BoundInfo } from './live';
import { layers, Replay, trustThen, type Chunk, type Layer } from './replay';
import { newTrack, push, type Track } from './tracks';

// Reads the past for a replay: samples as history kept them, with their quality.
interface Row { point: string; time: string; value: PointValue; quality: string }

interface PastTwin {
  properties: Record<string, { value: PointValue; quality: string; stale?: boolean }>;
}

const pointsAtOnce = 60;
const rowsAtOnce = 500_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const scalar = (value: unknown): value is PointValue => value === null || typeof value !== 'object';

type Take = (row: Row) => void;

// One point that is not known refuses the whole request: then each is asked for by itself.
async function readPoints(points: string[], rest: Record<string, string>, take: Take,
  signal: AbortSignal): Promise<void> {
  let cursor: string | null = null;
  do {
    let page: Page<Row>;
    try {
      page = await getJson<Page<Row>>(`/api/v1/history${query({
        point: points, ...rest, limit: rowsAtOnce, cursor })}`, { signal });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      if (points.length > 1)
        await Promise.all(points.map((point) => readPoints([point], rest, take, signal)));
      return;
    }
    page.items.forEach(take);
    cursor = page.next;
  } while (cursor !== null);
}

// The properties of a scene by what feeds them.
export interface Wanted {
  byPoint: Map<string, string[]>;
  derived: string[];
}

export function wantedOf(bound: string[], info: Map<string, BoundInfo>): Wanted {
  const byPoint = new Map<string, string[]>();
  const derived: string[] = [];
  for (const key of bound) {
    const one = info.get(key);
    if (one?.point) byPoint.set(one.point, [...(byPoint.get(one.point) ?? []), key]);
    else if (one) derived.push(key);
  }
  return { byPoint, derived };
}

// Each sample of the stretch, or one a slice and every new quality.
async function readStretch(wanted: Wanted, layer: Layer, from: number, to: number,
  take: (keys: string[], time: number, value: PointValue, quality: string) => void,
  signal: AbortSignal): Promise<void> {
  const rest = {
    from: iso(from), to: iso(to), before: 'true',
    ...(layer.step > 0 ? { thin: `${layer.step}ms` } : {}),
  };
  const points = [...wanted.byPoint.keys()];
  const parts: string[][] = [];
  for (let i = 0; i < points.length; i += pointsAtOnce)
    parts.push(points.slice(i, i + pointsAtOnce));
  await Promise.all(parts.map((part) => readPoints(part, rest, (row) =>
    take(wanted.byPoint.get(row.point) ?? [], parseTime(row.time), row.value, row.quality),
  signal)));
}

// A day: of each point what held when it began, however old, then the changes. What is computed
// from other values has a history only where its model says so; of the rest nothing is known but
// at moments that are asked for (readComputed).
export async function readDay(
  bound: string[], info: Map<string, BoundInfo>, from: number, to: number, signal: AbortSignal,
): Promise<Replay> {
  const replay = new Replay(from, to);
  // How a point is told now is taken for how it was told then.
  replay.byException = (key) => live.byException(info.get(key)?.point);
  const wanted = wantedOf(bound, info);
  for (const key of bound) {
    const one = info.get(key);
    if (one?.unit) replay.setUnit(key, one.unit);
    if (one?.staleAfterMs) replay.staleAfter.set(key, one.staleAfterMs);
  }
  await readStretch(wanted, layers[0] as Layer, from, to, (keys, time, value, quality) => {
    for (const key of keys) replay.add(key, time, value, quality);
  }, signal);
  await Promise.all(wanted.derived.map(async (key) => {
    const [twin, path] = key.split('\n') as [string, string];
    const page = await getJson<Page<Row>>(
      `/api/v1/twins/${seg(twin)}/history/${seg(path)}${query({
        from: iso(from), to: iso(to), before: true, limit: rowsAtOnce,
        thin: `${(layers[0] as Layer).step}ms`,
      })}`, { signal },
    ).catch((error: unknown) => {
      if (error instanceof ApiError) return { items: [], next: null };
      throw error;
    });
    for (const row of page.items) replay.add(key, parseTime(row.time), row.value, row.quality);
  }));
  return replay;
}

// A finer stretch of what points feed.
export async function readChunk(wanted: Wanted, level: number, from: number, to: number,
  signal: AbortSignal): Promise<Chunk> {
  const tracks = new Map<string, Track>();
  await readStretch(wanted, layers[level] as Layer, from, to, (keys, time, value, quality) => {
    for (const key of keys) {
      let track = tracks.get(key);
      if (!track) tracks.set(key, (track = newTrack()));
      push(track, time, value, quality);
    }
  }, signal);
  return { level, from, to, tracks };
}

// What has no history of its own, at one moment, as the server computes it anew.
export async function readComputed(keys: string[], time: number, signal: AbortSignal):
  Promise<Map<string, Reading>> {
  const wanted = new Set(keys);
  const twins = [...new Set(keys.map((key) => key.slice(0, key.indexOf('\n'))))];
  const found = new Map<string, Reading>();
  await Promise.all(twins.map(async (id) => {
    const twin = await getJson<PastTwin>(
      `/api/v1/twins/${seg(id)}${query({ at: iso(time) })}`, { signal });
    for (const [path, { value, quality, stale }] of Object.entries(twin.properties)) {
      const key = keyOf(id, path);
      if (wanted.has(key) && scalar(value))
        found.set(key, { value, quality, trust: trustThen(value, quality, stale === true) });
    }
  }));
  return found;
}
