import type { PointValue, Trust } from '~/lib/live';
import { trustOf } from '~/ui';
import type { Reading, ValueSource } from '../contract';
import { keyOf } from '../model/scene';
import { at, newTrack, patienceOf, push, type Track } from './tracks';

// A day of the past, held in memory in layers: the whole of it coarsely, and around the moment as
// finely as the speed can show. Moving in it asks nobody.
//
// A layer has of each slice of time the last sample, with its own time, and every one whose quality
// is new. All layers are parts of the same samples, so the newest that any of them has at or before
// the moment is the nearest to the truth; a layer's first slice begins where a coarser one ends.
export interface Layer {
  step: number; // ms of a slice; 0: every sample
  span: number; // ms that are read at once
}

const [second, minute, hour] = [1e3, 60e3, 3600e3];
export const layers: readonly Layer[] = [
  { step: 5 * minute, span: 24 * hour },
  { step: minute, span: 6 * hour },
  { step: 10 * second, span: hour },
  { step: 0, span: 5 * minute },
];

// Steps come a few times a second at most: finer is not seen. Standing still all is shown.
export function layerFor(speed: number | null): number {
  if (speed === null || speed <= 20) return 3;
  if (speed <= 60) return 2;
  return speed <= 600 ? 1 : 0;
}

export const chunkStart = (level: number, time: number): number => {
  const { span } = layers[level] as Layer;
  return Math.floor(time / span) * span;
};

export interface Chunk {
  level: number;
  from: number;
  to: number;
  tracks: Map<string, Track>;
}

const chunksKept = 6;

export class Replay implements ValueSource {
  readonly base: Chunk;
  private chunks: Chunk[] = [];
  private listeners = new Set<() => void>();
  private units = new Map<string, string>();
  // What has no history of its own, by the moment that was asked for.
  private computed: { time: number; values: Map<string, Reading> } | null = null;
  // Keys whose age the twin's model limits, ms.
  readonly staleAfter = new Map<string, number>();
  // What is told when it changes is never late.
  byException: (key: string) => boolean = () => false;
  now: number;

  constructor(readonly from: number, readonly to: number) {
    this.base = { level: 0, from, to, tracks: new Map() };
    this.now = from;
  }

  get empty(): boolean {
    for (const track of this.base.tracks.values())
      if (track.times.some((time) => time >= this.from)) return false;
    return true;
  }

  add(key: string, time: number, value: PointValue, quality: string): void {
    let track = this.base.tracks.get(key);
    if (!track) this.base.tracks.set(key, (track = newTrack()));
    push(track, time, value, quality);
  }

  setUnit(key: string, unit: string): void {
    this.units.set(key, unit);
  }

  unitOf(key: string): string | undefined {
    return this.units.get(key);
  }

  // A finer stretch; the ones longest not needed make room.
  put(chunk: Chunk): void {
    this.chunks = [chunk, ...this.chunks.filter((one) =>
      one.level !== chunk.level || one.from !== chunk.from)].slice(0, chunksKept);
    this.tell();
  }

  has(level: number, time: number): boolean {
    return level === 0 || this.chunks.some((one) =>
      one.level === level && time >= one.from && time < one.to);
  }

  setComputed(time: number, values: Map<string, Reading>): void {
    this.computed = { time, values };
    this.tell();
  }

  moveTo(time: number): void {
    const next = Math.min(this.to, Math.max(this.from, time));
    if (next === this.now) return;
    this.now = next;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  read = (twin: string, property: string): Reading | undefined => this.readAt(
    keyOf(twin, property), this.now);

  readAt(key: string, now: number): Reading {
    const unit = this.units.get(key);
    const more = unit ? { unit } : {};
    const base = this.base.tracks.get(key);
    if (!base) {
      const known = this.computed?.time === now ? this.computed.values.get(key) : undefined;
      return known ? { ...known, ...more } : { value: null, trust: 'none', ...more };
    }
    let track = base;
    let place = at(base, now);
    let { level } = this.base;
    let finest = 0; // of those that reach over the moment, whether it has a sample or not
    for (const chunk of this.chunks) {
      if (now < chunk.from || now >= chunk.to) continue;
      finest = Math.max(finest, chunk.level);
      const its = chunk.tracks.get(key);
      const found = its ? at(its, now) : -1;
      if (!its || found < 0) continue;
      if (place >= 0 && (its.times[found] as number) < (track.times[place] as number)) continue;
      if (its.times[found] === track.times[place] && chunk.level < level) continue;
      [track, place, level] = [its, found, chunk.level];
    }
    if (place < 0) return { value: null, trust: 'none', ...more };
    const quality = track.qualities[place] ?? 'good';
    const value = track.values[place] ?? null;
    const ageMs = now - (track.times[place] as number);
    // What is younger than a slice of the finest layer may have been overtaken unseen.
    const unseen = (layers[finest] as Layer).step;
    const limit = this.staleAfter.get(key) ?? (this.byException(key) ? Infinity
      : patienceOf(base, at(base, now), (layers[0] as Layer).step));
    return {
      value, quality, ageMs, trust: trustThen(value, quality, ageMs > limit + unseen), ...more,
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

// As the live plant has it: bad, then late, then uncertain.
export function trustThen(value: PointValue, quality: string, late: boolean): Trust {
  const trust = trustOf(quality);
  if (trust === 'bad') return value === null ? 'none' : 'bad';
  if (late) return 'stale';
  return value === null ? 'none' : trust;
}
