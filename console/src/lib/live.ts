import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { openFrames, type Batch } from './liveSource';

// Live values: one stream a tab, shared by all that look. A value keeps its time and quality; when
// the server is not heard for linkPatienceMs, or a value has not come for much longer than it used
// to, it is told so: nothing old is ever shown as if it were of now.
export type PointValue = number | boolean | string | null;

export interface LiveValue {
  value: PointValue;
  quality: string; // "good", "uncertain.…", "bad.…"
  time: number; // of the source, epoch ms
  // performance.now() when it came; of one that was there before us, when it was of now.
  arrived: number;
  // The usual time between two values, as the server has learned it; 0: too few came to tell. Below
  // 0: it comes when something changed, and whoever feeds it marks it bad when he loses it.
  usualMs: number;
}

export type LinkState = 'connecting' | 'up' | 'down';

export interface Link {
  state: LinkState;
  since: number; // epoch ms of the change
  clockOffsetMs: number; // server minus browser; NaN: not known
  missed: number; // values the stream had to pass over
}

// Good to look at, or why not.
export type Trust = 'good' | 'uncertain' | 'bad' | 'stale' | 'offline' | 'none';

// That the server is gone is told within 3 s of its last sign of life. It sends a frame at least
// every 950 + 100 ms (src/api/live_frames.cpp), so 2200 ms of silence are two frames that did not
// come; the look adds 100 ms, and 700 ms are left for a page that is busy drawing. A server, or the
// way to it, that is late by less than 1150 ms gives no alarm.
const linkPatienceMs = 2200;
const lookMs = 100;
const valuesMs = 500;
const staleFloorMs = 15_000;
// A point of which there is one value alone has no rhythm: set once by hand, or its device died.
const staleUnknownMs = 3_600_000;

const patienceOf = (usualMs: number): number => {
  if (usualMs < 0) return Infinity;
  return usualMs > 0 ? Math.max(staleFloorMs, 10 * usualMs) : staleUnknownMs;
};

const setMs = 500;

// The server's clock minus ours, from the times in its frames. What comes late only ever makes it
// smaller, so the greatest of the last minute holds, and the rest of a frame is how late it came:
// behind a slow line, or in a tab that slept.
export class ServerClock {
  private windows = [-Infinity, -Infinity];
  private turned = -Infinity;
  private begin = NaN;

  // Returns how late the frame came, in ms.
  hear(serverTime: number, wall: number, now: number): number {
    // Our own clock was set: what it said before tells nothing, and nothing came late by that.
    if (Math.abs(wall - now - this.begin) > setMs) this.windows = [-Infinity, -Infinity];
    this.begin = wall - now;
    if (now - this.turned > 30_000) {
      this.windows = [-Infinity, this.windows[0] ?? -Infinity];
      this.turned = now;
    }
    this.windows[0] = Math.max(this.windows[0] ?? -Infinity, serverTime - wall);
    return this.offset - (serverTime - wall);
  }

  get offset(): number {
    return Math.max(...this.windows);
  }
}

type Listener = () => void;

class LiveStore {
  private values = new Map<string, LiveValue>();
  private listeners = new Map<string, Set<Listener>>();
  private everything = new Set<Listener>();
  private touched = new Set<string>();
  private flushAt = 0;
  private close: (() => void) | null = null;
  private heard = 0;
  private clock = new ServerClock();
  private watchers = 0;
  private linkListeners = new Set<Listener>();
  link: Link = { state: 'connecting', since: Date.now(), clockOffsetMs: NaN, missed: 0 };
  // Grows with each round of changes: a cheap snapshot for those who read many values.
  version = 0;

  get(path: string): LiveValue | undefined {
    return this.values.get(path);
  }

  paths(): string[] {
    return [...this.values.keys()];
  }

  // Its silence says nothing: it is told when it changes.
  byException(path: string | undefined): boolean {
    return path !== undefined && (this.values.get(path)?.usualMs ?? 0) < 0;
  }

  trust(value: LiveValue | undefined, now = performance.now()): Trust {
    if (!value) return this.link.state === 'down' ? 'offline' : 'none';
    if (this.link.state === 'down') return 'offline';
    if (value.quality.startsWith('bad')) return 'bad';
    if (now - value.arrived > patienceOf(value.usualMs)) return 'stale';
    return value.quality.startsWith('uncertain') ? 'uncertain' : 'good';
  }

  subscribe(path: string, listener: Listener): () => void {
    let set = this.listeners.get(path);
    if (!set) this.listeners.set(path, (set = new Set()));
    set.add(listener);
    const stop = this.start();
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(path);
      stop();
    };
  }

  subscribeAll(listener: Listener): () => void {
    this.everything.add(listener);
    const stop = this.start();
    return () => {
      this.everything.delete(listener);
      stop();
    };
  }

  subscribeLink(listener: Listener): () => void {
    this.linkListeners.add(listener);
    const stop = this.start();
    return () => {
      this.linkListeners.delete(listener);
      stop();
    };
  }

  // Begins anew, e.g. after signing in.
  restart(): void {
    this.close?.();
    this.close = null;
    this.values.clear();
    if (this.watchers > 0) this.open();
  }

  // The stream runs while anybody looks.
  private start(): () => void {
    this.watchers += 1;
    if (!this.close) this.open();
    return () => {
      this.watchers -= 1;
    };
  }

  private open(): void {
    this.heard = performance.now();
    const end = openFrames({
      onBatch: (batch) => this.take(batch),
      onHeard: (serverTime) => this.hear(serverTime),
      onMissed: (count) => this.setLink({ missed: this.link.missed + count }),
    });
    const timers = [window.setInterval(() => this.lookAtLink(), lookMs),
      window.setInterval(() => this.lookAtValues(), valuesMs)];
    this.close = () => {
      end();
      timers.forEach((timer) => window.clearInterval(timer));
    };
  }

  private hear(serverTime: number): void {
    const now = performance.now();
    // What was sent long ago says nothing of now.
    const late = this.clock.hear(serverTime, Date.now(), now);
    this.heard = Math.max(this.heard, now - late);
    if (late > linkPatienceMs) return;
    const offset = this.clock.offset;
    if (this.link.state !== 'up')
      this.setLink({ state: 'up', since: Date.now(), clockOffsetMs: offset });
    else if (!(Math.abs(offset - this.link.clockOffsetMs) < 500))
      this.setLink({ clockOffsetMs: offset });
  }

  private lookAtLink(): void {
    const silent = performance.now() - this.heard;
    if (silent > linkPatienceMs && this.link.state !== 'down')
      this.setLink({ state: 'down', since: Date.now() - silent });
  }

  // So that values become stale on the page without news.
  private lookAtValues(): void {
    this.version += 1;
    for (const set of this.listeners.values()) for (const listener of set) listener();
  }

  private setLink(change: Partial<Link>): void {
    this.link = { ...this.link, ...change };
    for (const listener of this.linkListeners) listener();
    this.flush();
  }

  private take(batch: Batch): void {
    const now = performance.now();
    for (const { path, value, quality, time, usualMs: told } of batch.values) {
      const before = this.values.get(path);
      const age = batch.snapshot ? Math.max(0, batch.serverTime - time) : 0;
      const usualMs = told ?? before?.usualMs ?? 0;
      // Where its rhythm alone turned it is no younger.
      const same = told !== undefined && !batch.snapshot && before?.time === time;
      this.values.set(path,
        { value, quality, time, arrived: same ? before.arrived : now - age, usualMs });
      this.touched.add(path);
    }
    this.flushSoon();
  }

  private flushSoon(): void {
    if (this.flushAt) return;
    // At most ten renders a second, however fast the stream is.
    this.flushAt = window.setTimeout(() => this.flush(), 100);
  }

  private flush(): void {
    window.clearTimeout(this.flushAt);
    this.flushAt = 0;
    this.version += 1;
    const touched = this.touched;
    this.touched = new Set();
    for (const path of touched) {
      const set = this.listeners.get(path);
      if (set) for (const listener of set) listener();
    }
    for (const listener of this.everything) listener();
  }
}

export const live = new LiveStore();

// The newest value of one point and whether it may be believed; renders again when either changes.
export function useLive(path: string | undefined): { value?: LiveValue; trust: Trust } {
  const last = useRef<{ value?: LiveValue; trust: Trust }>({ trust: 'none' });
  const subscribe = useCallback(
    (listener: Listener) => (path ? live.subscribe(path, listener) : () => undefined),
    [path],
  );
  const snapshot = useCallback(() => {
    const value = path ? live.get(path) : undefined;
    const trust = live.trust(value);
    if (value !== last.current.value || trust !== last.current.trust)
      last.current = { value, trust };
    return last.current;
  }, [path]);
  return useSyncExternalStore(subscribe, snapshot);
}

// Many at once; renders at most ten times a second. The function reads the value of a path.
export function useLiveMany(paths: string[]): (path: string) => LiveValue | undefined {
  const key = paths.join('\n');
  const subscribe = useCallback(
    (listener: Listener) => {
      const ends = key ? key.split('\n').map((path) => live.subscribe(path, listener)) : [];
      return () => ends.forEach((end) => end());
    },
    [key],
  );
  const version = useSyncExternalStore(subscribe, () => live.version);
  return useMemo(() => {
    void version;
    return (path: string) => live.get(path);
  }, [version]);
}

export const useLink = (): Link =>
  useSyncExternalStore(
    useCallback((listener: Listener) => live.subscribeLink(listener), []),
    () => live.link,
  );

// Calls outside React's rendering: for canvases and the 3D scene.
export function useLiveCallback(paths: string[], call: () => void): void {
  const latest = useRef(call);
  useEffect(() => {
    latest.current = call;
  });
  const key = paths.join('\n');
  useEffect(() => {
    const ends = key
      ? key.split('\n').map((path) => live.subscribe(path, () => latest.current()))
      : [];
    return () => ends.forEach((end) => end());
  }, [key]);
}
