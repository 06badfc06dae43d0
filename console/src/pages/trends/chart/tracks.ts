import type { PointValue } from '~/lib/live';
import { gapOf } from './gaps';
import type { Grid } from './grid';
import { bad, good, isState, isStep, uncertain, type Pen, type PenInfo, type Track } from './types';

export interface Row {
  time: string;
  value: PointValue;
  quality: string;
}

export type FigureRow = { time: string } & Record<string, number | string | null>;

// From the stored to the shown unit: shown = stored * factor + offset.
export interface Linear {
  factor: number;
  offset: number;
}

export const qualityOf = (text: string): number =>
  text.startsWith('good') ? good : text.startsWith('bad') ? bad : uncertain;

// Date.parse() with the fraction cut to what it knows.
export const msOf = (time: string): number =>
  Date.parse(time.length > 24 ? `${time.slice(0, 23)}Z` : time);

// Least and greatest of slices stand at the begin and the middle of each; nothing else has all its
// rows there, and in that order.
export function areSlices(rows: Row[], grid: Grid): boolean {
  if (rows.length === 0) return false;
  let least: Row | null = null;
  let leastAt = NaN;
  for (const row of rows) {
    if (row.time.length > 24 || typeof row.value !== 'number') return false;
    const inSlice = (msOf(row.time) - grid.from) % grid.stepMs;
    if (inSlice === 0) {
      least = row;
      leastAt = msOf(row.time);
    } else if (inSlice !== grid.stepMs / 2 || !least
      || msOf(row.time) - leastAt !== grid.stepMs / 2
      || !((least.value as number) < row.value)) return false;
  }
  return true;
}

function sliceTrack(rows: Row[], grid: Grid, linear: Linear, shiftMs: number): Track {
  const track: Track = {
    kind: 'slices', times: [], low: [], high: [], quality: [], gapMs: 0, stepMs: grid.stepMs,
    shiftMs, doubt: [],
  };
  for (const row of rows) {
    const time = msOf(row.time);
    const value = (row.value as number) * linear.factor + linear.offset;
    if ((time - grid.from) % grid.stepMs === 0) {
      track.times.push(time + grid.stepMs / 2 + shiftMs);
      track.low.push(value);
      track.high.push(value);
      track.quality.push(good);
    } else track.high[track.high.length - 1] = value;
  }
  track.gapMs = gapOf(track.times, grid.stepMs);
  return track;
}

export function trackOfRows(rows: Row[], grid: Grid, pen: Pen, info: PenInfo, linear: Linear,
  shiftMs: number): Track {
  const state = isState(info);
  if (areSlices(rows, grid)) {
    const track = sliceTrack(rows, grid, state ? { factor: 1, offset: 0 } : linear, shiftMs);
    if (isStep(pen, info) || state) track.gapMs = Infinity;
    if (state) track.kind = 'states';
    return track;
  }
  const track: Track = {
    kind: state ? 'states' : 'samples', times: [], low: [], high: [], quality: [], gapMs: Infinity,
    stepMs: 0, shiftMs, doubt: [], texts: state ? [] : undefined,
  };
  for (const row of rows) pushRow(track, msOf(row.time) + shiftMs, row.value, row.quality, linear);
  // A step holds until the next value; only a line needs to know its rhythm.
  if (!state && !isStep(pen, info)) track.gapMs = gapOf(track.times, 0);
  return track;
}

// Appends a sample, as it is read or as it came live; an older one than the last is passed over.
export function pushRow(track: Track, time: number, value: PointValue, quality: string,
  linear: Linear): boolean {
  const last = track.times[track.times.length - 1];
  if (last !== undefined && time <= last) return false;
  const numeric = typeof value === 'number' ? value * linear.factor + linear.offset
    : typeof value === 'boolean' ? Number(value) : NaN;
  const known = Number.isFinite(numeric) || typeof value === 'string';
  track.times.push(time);
  track.low.push(numeric);
  track.high.push(numeric);
  track.quality.push(known ? qualityOf(quality) : bad);
  if (track.texts) track.texts.push(typeof value === 'string' ? value : String(value ?? ''));
  return true;
}

export function trackOfBuckets(rows: FigureRow[], aggregate: string, stepMs: number,
  linear: Linear, shiftMs: number): Track {
  // Figures that are not values of the point have no offset (°F), or no unit at all.
  const { factor, offset } = aggregate === 'count' ? { factor: 1, offset: 0 }
    : aggregate === 'stddev' || aggregate === 'sum' ? { factor: linear.factor, offset: 0 } : linear;
  const track: Track = {
    kind: 'buckets', times: [], low: [], high: [], quality: [], gapMs: 1.5 * stepMs, stepMs,
    shiftMs, doubt: [],
  };
  for (const row of rows) {
    const value = row[aggregate];
    if (typeof value !== 'number') continue;
    track.times.push(msOf(row.time) + shiftMs);
    track.low.push(value * factor + offset);
    track.high.push(value * factor + offset);
    track.quality.push(good);
  }
  track.gapMs = Math.max(track.gapMs, gapOf(track.times, 0));
  return track;
}

// Least and greatest that is drawn in a window; [Infinity, -Infinity] where there is nothing.
export function extent(track: Track, from: number, to: number, above: number): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  const { times, low, high, quality } = track;
  for (let i = 0; i < times.length; ++i) {
    const time = times[i] as number;
    if (time < from || time > to || quality[i] === bad) continue;
    const a = low[i] as number;
    const b = high[i] as number;
    if (a < least && a > above) least = a;
    if (b > most && b > above) most = b;
  }
  return [least, most];
}
