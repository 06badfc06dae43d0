import type { StateKind } from '~/ui';
import { trustOfTwin, type TwinValue } from '../data';

// A twin's state in one word: the worst of its values.
export interface Summary {
  kind: StateKind;
  key: 'stateOffline' | 'stateBad' | 'stateStale' | 'stateUncertain' | 'stateGood' | 'stateEmpty';
  count: number;
}

export function summaryOf(values: Record<string, TwinValue>, down: boolean): Summary {
  const all = Object.values(values);
  const trusts = all.map((value) => trustOfTwin(value, false));
  const count = (wanted: string) => trusts.filter((one) => one === wanted).length;
  if (down) return { kind: 'alarm', key: 'stateOffline', count: 0 };
  // What has a source and is bad counts; what nobody has set does not.
  const bad = all.filter((value) => value.origin !== 'none' && value.quality.startsWith('bad')
    && value.quality !== 'bad.waiting_for_initial_data').length;
  if (bad) return { kind: 'alarm', key: 'stateBad', count: bad };
  if (count('stale')) return { kind: 'note', key: 'stateStale', count: count('stale') };
  if (count('uncertain')) return { kind: 'warn', key: 'stateUncertain', count: count('uncertain') };
  const known = count('good');
  return known ? { kind: 'ok', key: 'stateGood', count: known }
    : { kind: 'idle', key: 'stateEmpty', count: 0 };
}
