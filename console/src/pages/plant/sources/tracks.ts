import type { PointValue } from '~/lib/live';

// The samples of one property over a stretch of time, as columns, and how far they may be believed.
export interface Track {
  times: number[]; // ascending, epoch ms
  values: PointValue[];
  qualities: string[];
}

export const newTrack = (): Track => ({ times: [], values: [], qualities: [] });

// What comes out of order is passed over.
export function push(track: Track, time: number, value: PointValue, quality: string): void {
  const last = track.times[track.times.length - 1];
  if (last !== undefined && time < last) return;
  track.times.push(time);
  track.values.push(value);
  track.qualities.push(quality);
}

// The last sample at or before the time; -1: none yet. log2(n) steps.
export function at(track: Track, time: number): number {
  let low = 0;
  let high = track.times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((track.times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const looked = 20; // samples to either side that tell the rhythm
const lateFloorMs = 60_000;

// How old a sample may become before the next one is missed, in ms; Infinity where no rhythm can be
// told. As live values are told to be late (lib/live.ts): ten times the usual gap, and a minute at
// least; but what comes on change alone has uneven gaps, and gets patience for the long ones too.
//
// Of a track that has one sample a slice (`step` > 0) the rhythm is not the slice's: a sample that
// is the last of its slice lies nearer to the slice's end than the rhythm is long.
export function patienceOf(track: Track, place: number, step: number): number {
  const gaps: number[] = [];
  const last = Math.min(track.times.length - 1, place + looked);
  for (let i = Math.max(1, place - looked); i <= last; i += 1) {
    // The gap that is in question tells nothing of itself.
    if (i === place + 1) continue;
    const time = track.times[i] as number;
    const gap = time - (track.times[i - 1] as number);
    if (step === 0 || gap > 2 * step) gaps.push(gap);
    else {
      const next = track.times[i + 1];
      const end = (Math.floor(time / step) + 1) * step;
      // Where the quality changed there are more samples in a slice than its last.
      if (next !== undefined && next >= end) gaps.push(end - time);
    }
  }
  if (gaps.length < 3) return Infinity;
  gaps.sort((a, b) => a - b);
  const usual = gaps[gaps.length >> 1] as number;
  const slow = gaps[Math.floor((gaps.length - 1) * 0.9)] as number;
  return Math.max(lateFloorMs, 10 * usual, 3 * slow);
}
