import { live, type PointValue, type Trust } from '~/lib/live';
import { ApiError, getJson, query, seg } from '~/lib/api';
import type { Page } from '~/lib/points';
import { parseTime } from '~/lib/time';
import type { Reading, ValueSource } from '../contract';
import { commonPrefix, keyOf } from '../model/scene';

// What the page knows of a bound property beside its value.
export interface BoundInfo {
  unit?: string;
  point?: string;
  title?: string; // as its model names it for people
  // Where its model limits its age.
  staleAfterMs?: number;
  kind: 'number' | 'flag' | 'text';
}

interface ListedTwin {
  id: string;
  model: string;
  properties: Record<string, { value: PointValue; unit?: string; point?: string }>;
}

const twinsAtOnce = 500;

// Units and points of all bound properties.
export async function readBound(
  bound: string[], twins: string[], signal?: AbortSignal,
): Promise<Map<string, BoundInfo>> {
  const wanted = new Set(bound);
  const found = new Map<string, BoundInfo>();
  const prefix = commonPrefix(twins);
  const models = new Map<string, string[]>();
  let cursor: string | null = null;
  do {
    const page: Page<ListedTwin> = await getJson(`/api/v1/twins${query({
      filter: prefix ? `${prefix}/#` : '#', limit: twinsAtOnce, cursor,
    })}`, { signal });
    for (const { id, model, properties } of page.items)
      for (const [path, { value, unit, point }] of Object.entries(properties)) {
        const key = keyOf(id, path);
        if (!wanted.has(key)) continue;
        models.set(model, [...(models.get(model) ?? []), key]);
        found.set(key, {
          ...(unit ? { unit } : {}),
          ...(point ? { point } : {}),
          kind: typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'flag' : 'number',
        });
      }
    cursor = page.next;
  } while (cursor !== null);
  await Promise.all([...models].map(([model, keys]) => readSlots(model, keys, found, signal)));
  return found;
}

const unitMs: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };
// "10m", "1h30m", "PT10S"; undefined for what it does not know.
export function durationOf(text: string | undefined): number | undefined {
  const parts = [...(text ?? '').replace(/^PT?/, '').toLowerCase()
    .matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) =>
    sum + Number(count) * (unitMs[unit ?? ''] ?? NaN), 0);
}

// What a model says of its values: names, and how old they may be. One that cannot be read says
// nothing.
async function readSlots(model: string, keys: string[], found: Map<string, BoundInfo>,
  signal?: AbortSignal): Promise<void> {
  interface Slot { path: string; staleAfter?: string; displayName?: string }
  const shape = await getJson<{ slots: Slot[] }>(
    `/api/v1/twin/models/${seg(model)}?resolved=true`, { signal },
  ).catch((error: unknown) => {
    if (error instanceof ApiError) return { slots: [] };
    throw error;
  });
  const slots = new Map(shape.slots.map((slot) => [slot.path, slot]));
  for (const key of keys) {
    const info = found.get(key);
    const slot = slots.get(key.slice(key.indexOf('\n') + 1));
    const age = durationOf(slot?.staleAfter);
    if (info && age !== undefined) info.staleAfterMs = age;
    if (info && slot?.displayName) info.title = slot.displayName;
  }
}

interface Event {
  twin: string;
  path: string;
  value?: PointValue;
  quality?: string;
  time?: string;
  stale?: boolean;
  event: string;
}

interface Known { value: PointValue; quality: string; time: number; stale: boolean }

const tickMs = 150; // between two calls of the listeners
const patienceMs = 2500; // of a stream that is being opened again

// The twins' changes as they happen (GET /api/v1/twin/events). It opens when somebody listens. What
// is old is never given as if it were of now: when the stream breaks, or the shell does not hear
// the server, every reading says "offline".
export class LiveTwins implements ValueSource {
  private known = new Map<string, Known>();
  private listeners = new Set<() => void>();
  private stream: EventSource | null = null;
  private stopLink: (() => void) | null = null;
  private timer = 0;
  private brokenAt = 0;
  private closing = 0;

  constructor(private address: string, private info: Map<string, BoundInfo>) {}

  static of(bound: string[], twins: string[], info: Map<string, BoundInfo>): LiveTwins {
    const prefix = commonPrefix(twins);
    const paths = [...new Set(bound.map((key) => key.slice(key.indexOf('\n') + 1)))];
    return new LiveTwins(`/api/v1/twin/events${query({
      twins: prefix ? `${prefix}/#` : '#', properties: paths.join(','),
      events: 'property,stale', initial: true, min_interval: '200ms',
    })}`, info);
  }

  read = (twin: string, property: string): Reading | undefined => {
    const key = keyOf(twin, property);
    const known = this.known.get(key);
    const unit = this.info.get(key)?.unit;
    if (!known)
      return { value: null, trust: this.down() ? 'offline' : 'none', ...(unit ? { unit } : {}) };
    return {
      value: known.value, trust: this.trust(known, this.info.get(key)?.point),
      quality: known.quality,
      ageMs: Number.isFinite(known.time) ? Date.now() - known.time : undefined,
      ...(unit ? { unit } : {}),
    };
  };

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    window.clearTimeout(this.closing);
    if (!this.stream) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      // Components that change hands leave and come within the same moment.
      this.closing = window.setTimeout(() => this.listeners.size === 0 && this.close(), 500);
    };
  };

  // One event of the stream; kept apart from the socket so that it can be tried without one.
  take(event: Event): void {
    const key = keyOf(event.twin, event.path);
    const before = this.known.get(key);
    if (event.event === 'stale') {
      if (before) this.known.set(key, { ...before, stale: true });
    } else {
      const time = parseTime(event.time);
      if (before && time < before.time) return;
      this.known.set(key, {
        value: event.value ?? null, quality: event.quality ?? 'good', time,
        stale: event.stale === true,
      });
    }
    this.soon();
  }

  private trust(known: Known, point: string | undefined): Trust {
    if (this.down()) return 'offline';
    if (known.quality.startsWith('bad')) return known.value === null ? 'none' : 'bad';
    if (known.stale || (point && this.late(point))) return 'stale';
    if (known.value === null) return 'none';
    return known.quality.startsWith('uncertain') ? 'uncertain' : 'good';
  }

  // A twin whose model limits no age is never told to be stale; its point's rhythm tells.
  private late(point: string): boolean {
    const value = live.get(point);
    return value !== undefined && live.trust(value) === 'stale';
  }

  down(): boolean {
    return live.link.state === 'down'
      || (this.brokenAt > 0 && performance.now() - this.brokenAt > patienceMs);
  }

  private open(): void {
    const stream = new EventSource(this.address);
    this.stream = stream;
    stream.onopen = () => {
      this.brokenAt = 0;
      this.soon();
    };
    stream.onerror = () => {
      if (!this.brokenAt) this.brokenAt = performance.now();
      window.setTimeout(() => this.soon(), patienceMs + 50);
      // A stream that was refused does not try again by itself.
      if (stream.readyState === EventSource.CLOSED && this.stream === stream)
        window.setTimeout(() => this.stream === stream && this.open(), 2000);
    };
    const hear = (message: MessageEvent<string>) => this.take(JSON.parse(message.data) as Event);
    stream.addEventListener('property', hear);
    stream.addEventListener('stale', hear);
    this.stopLink ??= live.subscribeLink(() => this.soon());
  }

  private close(): void {
    this.stream?.close();
    this.stream = null;
    this.stopLink?.();
    this.stopLink = null;
    window.clearTimeout(this.timer);
    this.timer = 0;
  }

  private soon(): void {
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      for (const listener of this.listeners) listener();
    }, tickMs);
  }
}
