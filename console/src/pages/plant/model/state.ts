import { useCallback, useRef, useSyncExternalStore } from 'react';
import { useUnits, type UnitSet } from '~/lib/units';
import type { Trust } from '~/lib/live';
import type { Trouble, ValueSource } from '../contract';
import { words } from '../words';
import { colourOfValue } from './colour';
import { changeText, fillFormat } from './format';
import {
  doubtful, fillShare, flowOf, holds, labelsOf, motionOf, trustOfItem, type Motion,
} from './rules';
import type { Item } from './scene';

export interface ShownLabel {
  text: string;
  trust: Trust;
  delta: string; // how it differs from what it is compared with, as text
}

// All that a drawing of one item needs; compared by its text so that what has not changed is not
// drawn again.
export interface ItemState {
  motion: Motion;
  fill: number; // NaN: it has none, or it is not known
  fillTrust: Trust;
  water: number; // colour of what is in it by value, -1: its own
  flow: number;
  labels: ShownLabel[];
  trust: Trust;
  trouble: Trouble | undefined;
  visible: boolean;
  words: string; // the state in words, for those who do not see it
}

// Flags and states as the language has them.
export const wordOf = (value: unknown): string =>
  typeof value === 'boolean' ? words.now(value ? 'yes' : 'no') : stateWord(String(value));

// States of filters and the like are texts of the plant; those that the language knows are
// translated.
const stateWords = new Set(['filtering', 'draining', 'backwash', 'ripening', 'standby', 'idle',
  'offline', 'air', 'filling', 'washing', 'waiting']);
export const stateWord = (text: string): string =>
  stateWords.has(text) ? words.now(`state_${text}` as 'state_filtering') : text;

export function motionWord(motion: Motion): string {
  if (motion.kind === 'running') return words.now('running');
  if (motion.kind === 'stopped') return words.now('stopped');
  if (motion.kind === 'valve' && Number.isFinite(motion.open))
    return motion.open >= 0.995 ? words.now('open')
      : motion.open <= 0.005 ? words.now('closed')
        : words.now('openBy', { share: Math.round(motion.open * 100) });
  return '';
}

export function itemState(
  item: Item, source: ValueSource, trouble: Trouble | undefined, set: UnitSet,
): ItemState {
  const motion = motionOf(item, source);
  const filled = item.bindings.find((one) => one.kind === 'fill');
  const fillReading = filled && source.read(filled.twin, filled.property);
  const trust = trustOfItem(item, source);
  const labels = labelsOf(item).map((one): ShownLabel => {
    const reading = source.read(one.twin, one.property);
    return {
      text: fillFormat(one.format, reading, {
        unit: one.unit, twin: one.twin, name: item.name, set, word: wordOf,
      }),
      delta: changeText(reading, one.format, one.unit, set),
      trust: reading?.trust ?? 'none',
    };
  });
  const gate = item.bindings.find((one) => one.kind === 'visible');
  const fill = filled ? fillShare(filled, fillReading?.value) : NaN;
  const said = [
    motionWord(motion),
    Number.isFinite(fill) ? words.now('fullBy', { share: Math.round(fill * 100) }) : '',
    ...labels.map((one) => (one.delta ? `${one.text} (Δ ${one.delta})` : one.text)),
    trouble?.text ?? '',
    trust === 'good' || trust === 'none' ? '' : words.now(`trust_${trust}`),
  ];
  return {
    motion, fill, fillTrust: fillReading?.trust ?? 'none', water: waterOf(item, source),
    flow: flowOf(item, source), labels,
    trust, trouble,
    visible: !gate?.when || holds(gate.when, source.read(gate.twin, gate.property)?.value),
    words: said.filter(Boolean).join(', '),
  };
}

function waterOf(item: Item, source: ValueSource): number {
  const by = item.bindings.find((one) => one.kind === 'colour'
    && (one.part === 'water' || one.part === 'all'));
  const reading = by && source.read(by.twin, by.property);
  return by && reading && !doubtful(reading) ? colourOfValue(by, reading) : -1;
}

export function useItemState(
  item: Item, source: ValueSource, troubleOf: (item: Item) => Trouble | undefined,
): ItemState {
  const set = useUnits();
  const last = useRef<{ key: string; state: ItemState } | null>(null);
  const snapshot = useCallback(() => {
    const state = itemState(item, source, troubleOf(item), set);
    // Flow in steps: an arrow that is a hair faster is the same arrow.
    const key = `${state.words}|${state.fill.toFixed(3)}|${state.fillTrust}|${state.trust}|` +
      `${state.visible}|${state.water}|${flowStep(state.flow)}|` +
      `${state.labels.map((one) => one.trust).join()}|` +
      `${state.trouble?.kind ?? ''}`;
    if (last.current?.key !== key) last.current = { key, state };
    return last.current.state;
  }, [item, source, troubleOf, set]);
  return useSyncExternalStore(source.subscribe, snapshot);
}

// -3 to 3: direction and pace of a flow; 0 stands, NaN not known.
export function flowStep(flow: number): number {
  if (!Number.isFinite(flow)) return NaN;
  const size = Math.abs(flow);
  if (size < 0.005) return 0;
  return Math.sign(flow) * (size < 0.3 ? 1 : size < 0.9 ? 2 : 3);
}
