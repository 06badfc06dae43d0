import { useSyncExternalStore } from 'react';
import type { SparkRow } from '~/ui';
import { readFigures, type RuleFigures } from './data';

// Rates of rules from their counters between two polls. Only rules that are looked at are asked;
// the last minutes stay in memory, so that a list that is opened again has its lines at once.
export interface Point {
  time: number;
  in: number; // events a second; NaN over a gap
  passed: number;
  failed: number;
  latencyMs: number; // mean of the rows between the polls; NaN: none came
}

export interface Track {
  figures: RuleFigures;
  points: Point[];
  time: number;
}

export const keepMs = 5 * 60_000;
const pollMs = 3000;
const atOnce = 4;

// One more poll. A rule that began anew counts from zero: that step is a gap, not a negative rate.
export function advance(track: Track | undefined, figures: RuleFigures, time: number): Track {
  if (!track) return { figures, points: [], time };
  const before = track.figures;
  const seconds = (time - track.time) / 1000;
  if (seconds <= 0) return track;
  const anew = before.since !== figures.since || figures.in < before.in;
  const rate = (now: number, then: number) => (anew ? NaN : (now - then) / seconds);
  const rows = figures.latency.count - before.latency.count;
  const sum = figures.latency.count * figures.latency.mean_ms
    - before.latency.count * before.latency.mean_ms;
  const point: Point = {
    time,
    in: rate(figures.in, before.in),
    passed: rate(figures.passed, before.passed),
    failed: rate(figures.failed, before.failed),
    latencyMs: anew || rows <= 0 ? NaN : Math.max(0, sum / rows),
  };
  const points = [...track.points.filter((one) => one.time >= time - keepMs), point];
  return { figures, points, time };
}

export const sparkRows = (track: Track, of: keyof Omit<Point, 'time'>): SparkRow[] =>
  track.points.map((point) => ({ time: point.time, value: point[of] }));

type Listener = () => void;

class Tracks {
  private tracks = new Map<string, Track>();
  private listeners = new Map<string, Set<Listener>>();
  private timer = 0;
  private busy = false;

  get(id: string): Track | undefined {
    return this.tracks.get(id);
  }

  watch(id: string, listener: Listener): () => void {
    let set = this.listeners.get(id);
    if (!set) this.listeners.set(id, (set = new Set()));
    set.add(listener);
    if (!this.timer) this.timer = window.setInterval(() => void this.poll(), pollMs);
    window.setTimeout(() => void this.ask(id), 0);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(id);
      if (this.listeners.size > 0) return;
      window.clearInterval(this.timer);
      this.timer = 0;
    };
  }

  private async poll(): Promise<void> {
    if (this.busy || document.hidden) return;
    this.busy = true;
    const waiting = [...this.listeners.keys()];
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await this.ask(id);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    this.busy = false;
  }

  private async ask(id: string): Promise<void> {
    const track = this.tracks.get(id);
    if (track && Date.now() - track.time < pollMs / 2) return;
    try {
      const figures = await readFigures(id);
      this.tracks.set(id, advance(this.tracks.get(id), figures, Date.now()));
    } catch {
      // The list says what became of the rule; its line simply ends here.
      return;
    }
    for (const listener of this.listeners.get(id) ?? []) listener();
  }
}

const tracks = new Tracks();

export function useTrack(id: string | undefined): Track | undefined {
  return useSyncExternalStore(
    (listener) => (id ? tracks.watch(id, listener) : () => undefined),
    () => (id ? tracks.get(id) : undefined),
  );
}
