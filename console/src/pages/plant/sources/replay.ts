import { getJson, query } from '~/lib/api';
import type { PointValue, Trust } from '~/lib/live';
import type { Page } from '~/lib/points';
import { parseTime } from '~/lib/time';
import { trustOf } from '~/ui';
import type { Reading, ValueSource } from '../contract';
import { keyOf } from '../model/scene';
import type { BoundInfo } from './live';

// A stretch of the past, held in memory: what everything was at its beginning, and what changed
// since. Moving in it asks nobody.
export interface Track {
  times: number[]; // ascending, epoch ms
  values: PointValue[];
  qualities: string[];
}

const bucket = '1m';
const pointsAtOnce = 60;

// The last value at or before the time; undefined: none yet. log2(n) steps.
export function at(track: Track, time: number): number | undefined {
  let low = 0;
  let high = track.times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track.times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : low - 1;
}

export class Replay implements ValueSource {
  private tracks = new Map<string, Track>();
  private listeners = new Set<() => void>();
  private units = new Map<string, string>();
  private now = 0;

  constructor(readonly from: number, readonly to: number) {
    this.now = from;
  }

  get empty(): boolean {
    for (const track of this.tracks.values())
      if (track.times.some((time) => time >= this.from)) return false;
    return true;
  }

  add(key: string, time: number, value: PointValue, quality: string): void {
    let track = this.tracks.get(key);
    if (!track) this.tracks.set(key, (track = { times: [], values: [], qualities: [] }));
    const last = track.times[track.times.length - 1];
    if (last !== undefined && time < last) return;
    track.times.push(time);
    track.values.push(value);
    track.qualities.push(quality);
  }

  setUnit(key: string, unit: string): void {
    this.units.set(key, unit);
  }

  moveTo(time: number): void {
    this.now = Math.min(this.to, Math.max(this.from, time));
    for (const listener of this.listeners) listener();
  }

  read = (twin: string, property: string): Reading | undefined => {
    const key = keyOf(twin, property);
    const track = this.tracks.get(key);
    const unit = this.units.get(key);
    const place = track && at(track, this.now);
    if (!track || place === undefined)
      return { value: null, trust: 'none', ...(unit ? { unit } : {}) };
    const quality = track.qualities[place] ?? 'good';
    const value = track.values[place] ?? null;
    const trust: Trust = value === null ? 'none' : trustOf(quality);
    return {
      value, quality, trust, ageMs: this.now - (track.times[place] ?? this.now),
      ...(unit ? { unit } : {}),
    };
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

interface PastTwin {
  id: string;
  properties: Record<string, { value: PointValue; quality?: string; unit?: string }>;
}

interface BucketRow { point: string; time: string; last: number | null }
interface RawRow { point: string; time: string; value: PointValue; quality: string }

// Reads a stretch for all that is bound: the state at its beginning with one question, then the
// changes of the points, a value a minute.
export async function readReplay(
  bound: string[], info: Map<string, BoundInfo>, from: number, to: number, signal: AbortSignal,
): Promise<Replay> {
  const replay = new Replay(from, to);
  const time = (ms: number) => new Date(ms).toISOString();
  const wanted = new Set(bound);
  const start = await getJson<Page<PastTwin>>(
    `/api/v1/twins${query({ at: time(from), limit: 10_000 })}`, { signal });
  for (const twin of start.items)
    for (const [path, { value, quality, unit }] of Object.entries(twin.properties)) {
      const key = keyOf(twin.id, path);
      if (!wanted.has(key)) continue;
      if (unit) replay.setUnit(key, unit);
      if (value !== null && typeof value !== 'object')
        replay.add(key, from - 1, value, quality ?? 'good');
    }
  const keysOf = new Map<string, string[]>();
  const derived: string[] = [];
  for (const key of bound) {
    const one = info.get(key);
    if (one?.unit) replay.setUnit(key, one.unit);
    if (one?.point) keysOf.set(one.point, [...(keysOf.get(one.point) ?? []), key]);
    else if (one) derived.push(key);
  }
  const texts = new Set(bound.filter((key) => info.get(key)?.kind === 'text')
    .map((key) => info.get(key)?.point ?? ''));
  const numbers = [...keysOf.keys()].filter((point) => !texts.has(point));
  for (let i = 0; i < numbers.length; i += pointsAtOnce) {
    const page = await getJson<Page<BucketRow>>(`/api/v1/history${query({
      point: numbers.slice(i, i + pointsAtOnce), from: time(from), to: time(to), every: bucket,
      aggregate: 'last', limit: 500_000,
    })}`, { signal });
    for (const row of page.items)
      for (const key of keysOf.get(row.point) ?? [])
        if (row.last !== null) {
          // The last of a bucket is known at its end only.
          const known = replay.read(...(key.split('\n') as [string, string]))?.value;
          replay.add(key, parseTime(row.time) + 60e3,
            typeof known === 'boolean' ? row.last !== 0 : row.last, 'good');
        }
  }
  for (const point of texts) {
    if (!point) continue;
    const page = await getJson<Page<RawRow>>(`/api/v1/history${query({
      point, from: time(from), to: time(to), limit: 20_000 })}`, { signal });
    for (const row of page.items)
      for (const key of keysOf.get(point) ?? [])
        replay.add(key, parseTime(row.time), row.value, row.quality);
  }
  await Promise.all(derived.map(async (key) => {
    const [twin, path] = key.split('\n') as [string, string];
    const page = await getJson<Page<RawRow>>(
      `/api/v1/twins/${encodeURIComponent(twin)}/history/${encodeURIComponent(path)}${query({
        from: time(from), to: time(to), max_points: 1440 })}`, { signal },
    ).catch(() => ({ items: [], next: null }));
    for (const row of page.items) replay.add(key, parseTime(row.time), row.value, row.quality);
  }));
  replay.moveTo(from);
  return replay;
}
