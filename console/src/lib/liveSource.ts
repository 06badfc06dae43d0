import type { PointValue } from './live';
import { parseTime } from './time';

// Where live values come from: GET /api/v1/live as server-sent events.
export interface Sample {
  path: string;
  value: PointValue;
  quality: string;
  time: number;
}

export interface Batch {
  snapshot: boolean; // the last known values, not news
  values: Sample[];
}

export interface LiveHandlers {
  onBatch: (batch: Batch) => void;
  // Something came; the server's time where it told it, else NaN.
  onHeard: (serverTime: number) => void;
  onMissed: (count: number) => void;
}

export function openFrames(handlers: LiveHandlers): () => void {
  const source = new EventSource('/api/v1/live?filter=%23');
  let waiting: Sample[] = [];
  const opened = performance.now();
  source.addEventListener('open', () => handlers.onHeard(NaN));
  source.addEventListener('sample', (event: MessageEvent<string>) => {
    const { point, value, quality, time } = JSON.parse(event.data) as {
      point: string; value: PointValue; quality: string; time: string;
    };
    if (waiting.length === 0)
      window.setTimeout(() => {
        const values = waiting;
        waiting = [];
        handlers.onBatch({ snapshot: performance.now() - opened < 1000, values });
      }, 50);
    waiting.push({ path: point, value, quality, time: parseTime(time) });
    handlers.onHeard(NaN);
  });
  source.addEventListener('gap', (event: MessageEvent<string>) => {
    handlers.onMissed((JSON.parse(event.data) as { missed: number }).missed);
  });
  return () => source.close();
}
