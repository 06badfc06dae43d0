import type { ModelLimit } from './feeds';

// What the chart draws. Times are epoch milliseconds.

export const aggregations = [
  'auto', 'mean', 'min', 'max', 'first', 'last', 'twa', 'median', 'p05', 'p95', 'sum', 'stddev',
  'count',
] as const;
// "auto" keeps every peak: the samples where they are few, else least and greatest of each slice.
export type Aggregation = (typeof aggregations)[number];

export type Side = 'left' | 'right';

// One pen as a person chose it; what is undefined is up to the chart.
export interface Pen {
  point: string;
  aggregation: Aggregation;
  draw?: 'line' | 'step';
  scale?: 'log';
  low?: number; // of a fixed range, in the unit shown
  high?: number;
  side?: Side;
  own?: boolean; // an axis of its own
  hidden?: boolean;
  shift?: string; // "7d": the values of a week before are drawn at now
  look: number; // index into the looks: colour, dash and symbol
  limits: number[]; // lines of one's own, in the unit shown
  noModel?: boolean; // without the lines of the twins that it feeds
}

export const pensLimit = 16;

export type PointType = 'double' | 'int64' | 'bool' | 'string' | 'bytes' | 'unknown';

export interface PenInfo {
  type: PointType;
  unit: string | null;
  missing?: boolean; // there is no such point
  tagLow?: number; // range of the tag, in the stored unit
  tagHigh?: number;
  twins?: string[]; // that the point feeds
  modelLimits?: ModelLimit[]; // of what it feeds, in the stored unit
}

export const good = 0;
export const uncertain = 1;
export const bad = 2;

export type TrackKind = 'samples' | 'slices' | 'buckets' | 'states';

// What is known of a pen in a window, in the unit shown. Low and high of samples are the same.
export interface Track {
  kind: TrackKind;
  times: number[];
  low: number[];
  high: number[];
  quality: number[];
  texts?: string[]; // of states
  // Beyond that much time between two rows nothing is known; Infinity: never.
  gapMs: number;
  stepMs: number; // width of a slice or bucket; 0 for samples
  shiftMs: number; // what `times` were moved by
  doubt: Stretch[]; // bad or uncertain, where rows cannot tell it (slices, buckets)
  error?: string;
}

export interface Stretch {
  from: number;
  to: number;
  quality: number;
}

export interface Range {
  from: number;
  to: number;
}

// Where the window is: what was asked for, and what the tracks cover.
export interface Marker {
  time: number;
  kind: 'twin' | 'audit' | 'alarm' | 'note';
  text: string;
  detail: string;
  failed: boolean;
  to?: number; // the end of a range
  id?: string; // of a note
}

export interface ShownPen {
  pen: Pen;
  info: PenInfo;
  track: Track | undefined;
  unit: string; // as it is shown
}

export const isState = (info: PenInfo): boolean =>
  info.type === 'bool' || info.type === 'string' || info.type === 'bytes';

export const isStep = (pen: Pen, info: PenInfo): boolean =>
  (pen.draw ?? (info.type === 'int64' && !info.unit ? 'step' : 'line')) === 'step';

export const emptyTrack = (error?: string): Track => ({
  kind: 'samples', times: [], low: [], high: [], quality: [], gapMs: Infinity, stepMs: 0,
  shiftMs: 0, doubt: [], error,
});
