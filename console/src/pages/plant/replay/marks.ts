import type { UnitSet } from '~/lib/units';
import type { StateKind } from '~/ui';
import type { Reading } from '../contract';
import { fillFormat } from '../model/format';
import { holds } from '../model/rules';
import { keyOf, type Bound, type Item, type SceneModel } from '../model/scene';
import { severityKinds } from '../model/trouble';
import { layers, trustThen, type Layer, type Replay } from '../sources/replay';
import { patienceOf, type Track } from '../sources/tracks';
import { words } from '../words';

// What happened in a day, for the slider: each has its shape, so that colour is not all that tells.
export type MarkKind = 'trouble' | 'order' | 'change' | 'quality' | 'note';

export interface Mark {
  time: number;
  to?: number; // of what lasts
  kind: MarkKind;
  state: StateKind; // how bad it is
  text: string;
  detail?: string;
  node?: string; // of the scene, where there is one
}

const step = (layers[0] as Layer).step;

function readingOf(track: Track, i: number): Reading {
  const value = track.values[i] ?? null;
  const quality = track.qualities[i] ?? 'good';
  return { value, quality, trust: trustThen(value, quality, false) };
}

// The beginnings of what a badge of the scene tells.
function troublesOf(item: Item, badge: Bound, track: Track, unit: string | undefined,
  set: UnitSet): Mark[] {
  const marks: Mark[] = [];
  let held: boolean | undefined;
  for (let i = 0; i < track.times.length; i += 1) {
    const reading = readingOf(track, i);
    // What is not known neither begins nor ends anything.
    if (!badge.when || !['good', 'uncertain'].includes(reading.trust)) continue;
    const now = holds(badge.when, reading.value);
    if (now && held === false)
      marks.push({
        time: track.times[i] as number, kind: 'trouble', node: item.id,
        state: severityKinds[badge.severity ?? 'warning'],
        text: `${item.name}: ${fillFormat(badge.text, { ...reading, ...(unit ? { unit } : {}) },
          { unit: badge.unit, name: item.name, set })}`,
      });
    held = now;
  }
  return marks;
}

interface Doubt { from: number; to: number; kind: 'bad' | 'uncertain' | 'missing'; name: string }

function doubtsOf(track: Track, name: string, from: number, to: number): Doubt[] {
  const found: Doubt[] = [];
  let open: Doubt | null = null;
  for (let i = 0; i < track.times.length; i += 1) {
    const time = Math.max(from, track.times[i] as number);
    const { quality = 'good' } = readingOf(track, i);
    const kind = quality.startsWith('bad') ? 'bad'
      : quality.startsWith('uncertain') ? 'uncertain' : null;
    if (open && open.kind !== kind) {
      open.to = time;
      open = null;
    }
    if (kind && !open) found.push((open = { from: time, to, kind, name }));
    const limit = patienceOf(track, i, step) + step;
    const next = track.times[i + 1] ?? to;
    if (next - (track.times[i] as number) > limit && next > from)
      found.push({
        from: Math.max(from, (track.times[i] as number) + limit - step), to: next,
        kind: 'missing', name,
      });
  }
  return found.filter((one) => one.to > one.from);
}

// Doubts that begin together are told together: a lost line takes many values with it.
function joined(doubts: Doubt[], within: number): Mark[] {
  const marks: Mark[] = [];
  const sorted = [...doubts].sort((a, b) => a.from - b.from);
  for (const kind of ['bad', 'uncertain', 'missing'] as const) {
    let names = new Set<string>();
    let mark: Mark | null = null;
    for (const one of sorted.filter((doubt) => doubt.kind === kind)) {
      if (!mark || one.from - mark.time > within) {
        names = new Set();
        marks.push((mark = { time: one.from, to: one.to, kind: 'quality', state: 'note',
          text: '' }));
      }
      names.add(one.name);
      mark.to = Math.max(mark.to ?? 0, one.to);
      mark.text = words.now(`mark_${kind}`, { count: names.size });
      mark.detail = [...names].slice(0, 4).join(', ') + (names.size > 4 ? ' …' : '');
    }
  }
  return marks;
}

// What the samples themselves tell: troubles as the scene knows them, and doubtful stretches.
export function marksOfValues(model: SceneModel, replay: Replay, set: UnitSet): Mark[] {
  const marks: Mark[] = [];
  const doubts: Doubt[] = [];
  const seen = new Set<string>();
  for (const item of model.items)
    for (const one of item.bindings) {
      const key = keyOf(one.twin, one.property);
      const track = replay.base.tracks.get(key);
      if (!track) continue;
      if (one.kind === 'badge')
        marks.push(...troublesOf(item, one, track, replay.unitOf(key), set));
      if (seen.has(key)) continue;
      seen.add(key);
      doubts.push(...doubtsOf(track, `${item.name} ${one.property}`, replay.from, replay.to));
    }
  return [...marks, ...joined(doubts, (replay.to - replay.from) / 300)]
    .sort((a, b) => a.time - b.time);
}

// What stands so near to each other on the slider that it is one tick.
export interface Cluster { time: number; to: number; kind: MarkKind; state: StateKind;
  marks: Mark[] }

const weight: Record<StateKind, number> = { alarm: 5, warn: 4, note: 3, busy: 2, ok: 1, idle: 0 };

export function clustered(marks: Mark[], span: number, ticks = 240): Cluster[] {
  const near = span / ticks;
  const open = new Map<MarkKind, Cluster>();
  const all: Cluster[] = [];
  for (const mark of marks) {
    const last = open.get(mark.kind);
    const to = mark.to ?? mark.time;
    if (last && mark.time - last.time <= near) {
      last.marks.push(mark);
      last.to = Math.max(last.to, to);
      if (weight[mark.state] > weight[last.state]) last.state = mark.state;
      continue;
    }
    const made = { time: mark.time, to, kind: mark.kind, state: mark.state, marks: [mark] };
    open.set(mark.kind, made);
    all.push(made);
  }
  return all;
}

// The next or the previous time that has a mark; null where there is none. Those within the same
// second count as one.
export function neighbour(marks: Mark[], time: number, by: -1 | 1): Mark | null {
  if (by > 0) return marks.find((one) => one.time > time + 500) ?? null;
  for (let i = marks.length - 1; i >= 0; i -= 1)
    if ((marks[i] as Mark).time < time - 500) return marks[i] as Mark;
  return null;
}
