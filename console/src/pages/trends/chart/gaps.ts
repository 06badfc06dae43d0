import { bad, type Range, type Stretch, type Track } from './types';

// From the rhythm of rows to the longest silence that is still rhythm. Points that come on change
// have no rhythm: the more uneven they are, the more patience. Slices have
// many samples each, so two empty ones in a row are a gap already.
export function gapOf(times: number[], stepMs: number): number {
  if (times.length < 3) return stepMs ? 2.5 * stepMs : Infinity;
  const steps: number[] = [];
  for (let i = 1; i < times.length; ++i)
    steps.push((times[i] as number) - (times[i - 1] as number));
  steps.sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 2)] as number;
  const slow = steps[Math.floor((steps.length - 1) * 0.9)] as number;
  return stepMs ? 2.5 * Math.max(slow, stepMs) : Math.max(4 * usual, 2.5 * slow, 1);
}

// Whether the line is drawn from row i - 1 to row i.
export function joined(track: Track, i: number): boolean {
  return i > 0
    && (track.times[i] as number) - (track.times[i - 1] as number) <= track.gapMs
    && track.quality[i - 1] !== bad && track.quality[i] !== bad;
}

// Where a track is bad or uncertain: of its rows, and what was told beside them.
export function doubtOf(track: Track, window: Range): Stretch[] {
  const all: Stretch[] = [];
  for (let i = 0; i < track.times.length; ++i) {
    const quality = track.quality[i] as number;
    if (quality === 0) continue;
    const from = track.times[i] as number;
    const next = track.times[i + 1];
    const held = track.gapMs === Infinity ? window.to - from : track.gapMs;
    const to = next === undefined ? from + Math.min(held, 1000) : Math.min(next, from + held);
    const last = all[all.length - 1];
    if (last && last.quality === quality && last.to >= from) last.to = Math.max(last.to, to);
    else all.push({ from, to, quality });
  }
  return [...track.doubt, ...all].filter(({ from, to }) => to >= window.from && from <= window.to);
}

// Index of the last row at or before `time`; -1: none.
export function rowAt(times: number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// The row that the cursor means: the held one for steps and states, else the nearest; -1 in a gap.
export function rowNear(track: Track, time: number, held: boolean): number {
  const before = rowAt(track.times, time);
  const after = before + 1 < track.times.length ? before + 1 : -1;
  if (held) {
    if (before < 0) return -1;
    const age = time - (track.times[before] as number);
    return after >= 0 || age <= track.gapMs ? before : -1;
  }
  let best = before;
  if (before < 0 || (after >= 0
    && (track.times[after] as number) - time < time - (track.times[before] as number)))
    best = after;
  if (best < 0) return -1;
  const away = Math.abs((track.times[best] as number) - time);
  return away <= Math.max(track.gapMs === Infinity ? away : track.gapMs, track.stepMs) ? best : -1;
}
