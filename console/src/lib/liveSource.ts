import { send } from './api';
import type { PointValue } from './live';

// Where live values come from: frames of GET /api/v1/live, as server-sent events. A frame comes at
// least every second, of the time alone where nothing changed: silence means that the server is
// gone.
export interface Sample {
  path: string;
  value: PointValue;
  quality: string;
  time: number;
  // The usual time between two samples, where the server said it; 0: not known, -1: none.
  usualMs?: number;
}

export interface Batch {
  snapshot: boolean; // the last known values, not news
  serverTime: number; // epoch ms
  values: Sample[];
}

export interface LiveHandlers {
  onBatch: (batch: Batch) => void;
  // Something came; the server's time where it told it, else NaN.
  onHeard: (serverTime: number) => void;
  // Values that came so fast that only a later one was sent.
  onMissed: (count: number) => void;
}

// One frame, as docs/api.md has it.
export interface Frame {
  t: number; // the server's time, epoch ms
  reset?: boolean; // what was known before is void
  n?: number; // index of the first of p
  p?: string[]; // paths that are new
  i?: number[]; // indexes of what changed
  v?: PointValue[];
  d?: number[]; // times, ms to be added to t
  q?: Record<string, string>; // places in i that are not good
  // Usual times between two samples in ms: a column in the first picture, then by places in i.
  u?: number[] | Record<string, number>;
  more?: boolean; // the next frame goes on with what this one began
  late?: number; // seconds that we are behind, where we read too slowly
  passed?: number;
}

// Turns frames into samples; holds the indexes of the stream.
export class FrameReader {
  private paths: string[] = [];
  private inSnapshot = false; // which may come in parts

  read(frame: Frame): Batch {
    if (frame.reset) this.paths = [];
    const snapshot = frame.reset === true || this.inSnapshot;
    this.inSnapshot = snapshot && frame.more === true;
    if (frame.p) {
      const first = frame.n ?? this.paths.length;
      frame.p.forEach((path, k) => {
        this.paths[first + k] = path;
      });
    }
    const values: Sample[] = [];
    frame.i?.forEach((index, k) => {
      const path = this.paths[index];
      if (path === undefined) return;
      const sample: Sample = {
        path,
        value: frame.v?.[k] ?? null,
        quality: frame.q?.[k] ?? 'good',
        time: frame.t + (frame.d?.[k] ?? 0),
      };
      const usualMs = (frame.u as Record<number, number> | undefined)?.[k];
      if (usualMs !== undefined) sample.usualMs = usualMs;
      values.push(sample);
    });
    return { snapshot, serverTime: frame.t, values };
  }
}

const intervalMs = 250;
const retryMs = 1500;

export function openFrames(handlers: LiveHandlers): () => void {
  const reader = new FrameReader();
  let source: EventSource | null = null;
  let timer = 0;
  const open = () => {
    source = new EventSource(`/api/v1/live?filter=%23&frames=${intervalMs}ms`);
    source.addEventListener('frame', (event: MessageEvent<string>) => {
      const frame = JSON.parse(event.data) as Frame;
      handlers.onHeard(frame.t);
      if (frame.passed) handlers.onMissed(frame.passed);
      const batch = reader.read(frame);
      if (batch.values.length) handlers.onBatch(batch);
    });
    // A browser gives up after a refusal (a session that ended, a server that starts): we do not.
    source.addEventListener('error', () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      // It does not say why. A request does: after the end of a session it leads to the sign-in,
      // also from a page that asks for nothing by itself.
      void send('/api/v1/points?limit=1').catch(() => undefined);
      window.clearTimeout(timer);
      timer = window.setTimeout(open, retryMs);
    });
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
