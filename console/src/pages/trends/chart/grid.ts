import type { Range } from './types';

// The slices that the server thins a window to. Their width is round and their edges are
// multiples of it, so that a window that is panned is cut at the same places and the outline does
// not shimmer.
export interface Grid extends Range {
  stepMs: number;
  slices: number;
}

const mantissas = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

// Even milliseconds, because the server puts the greatest value of a slice at its middle.
export function roundStep(ms: number): number {
  if (ms <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(ms));
  const mantissa = mantissas.find((one) => one * power >= ms * 0.999) ?? 10;
  return Math.max(2, 2 * Math.ceil((mantissa * power) / 2));
}

// One millisecond before the edges, so that rows of slices are told from samples, whose times are
// often whole seconds.
export const gridShiftMs = 1;

export function planGrid(window: Range, pixels: number, margin: number): Grid {
  const span = Math.max(2, window.to - window.from);
  const stepMs = roundStep(span / Math.max(16, pixels));
  const from = Math.floor((window.from - span * margin) / stepMs) * stepMs - gridShiftMs;
  const slices = Math.max(1, Math.ceil((window.to + span * margin - from) / stepMs));
  return { from, to: from + slices * stepMs, stepMs, slices };
}

// Widths of buckets that people know; the least one that is not below `ms`.
const bucketSteps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3,
  900e3, 1800e3, 3600e3, 7200e3, 10800e3, 21600e3, 43200e3, 86400e3, 172800e3, 604800e3,
];
export const bucketStep = (ms: number): number =>
  bucketSteps.find((one) => one >= ms) ?? Math.ceil(ms / 604800e3) * 604800e3;
