import type { StateKind } from '~/ui';
import type { TwinValue } from '../../twin/data';

// What one calls the state of equipment, from its values and its device: one line, and the
// condition by which the server can say since when.
export interface DeviceLink { name: string; link: string; since: number }

export interface EquipmentState {
  kind: StateKind;
  word: 'running' | 'stopped' | 'fault' | 'commLost' | 'other';
  text?: string; // of "other": the plant's own word
  condition?: string;
  since?: number; // where it is known at once
}

const faults = /(^|[._/])(fault|failed|tripped|trip)$/;
const runs = /(^|[._/])(running|pump_running|run_state|on)$/;
const states = /(^|[._/])(state|mode|phase)$/;

const believed = (value: TwinValue | undefined): boolean => value !== undefined
  && value.value !== null && value.value !== undefined && !value.stale
  && !value.quality.startsWith('bad');

const quoted = (path: string): string =>
  (/^[a-z][a-z0-9_]*$/i.test(path) ? path : `\`${path}\``);

export function stateOf(values: Record<string, TwinValue>, device: DeviceLink | undefined):
  EquipmentState | null {
  if (device && device.link !== 'connected')
    return { kind: 'warn', word: 'commLost', since: device.since };
  const fed = Object.values(values).filter((one) => one.origin === 'point');
  if (fed.length > 0 && !fed.some(believed)) return { kind: 'warn', word: 'commLost' };
  const find = (pattern: RegExp, type: string) => Object.entries(values).find(([path, one]) =>
    pattern.test(path) && typeof one.value === type && believed(one));
  const fault = Object.entries(values).find(([path, one]) =>
    faults.test(path) && one.value === true && believed(one));
  if (fault) return { kind: 'alarm', word: 'fault', condition: quoted(fault[0]) };
  const running = find(runs, 'boolean');
  if (running)
    return running[1].value
      ? { kind: 'ok', word: 'running', condition: quoted(running[0]) }
      : { kind: 'idle', word: 'stopped', condition: `NOT ${quoted(running[0])}` };
  const state = find(states, 'string');
  if (!state) return null;
  const text = String(state[1].value);
  return {
    kind: 'ok', word: 'other', text,
    condition: `${quoted(state[0])} = '${text.replaceAll("'", "''")}'`,
  };
}
