import type { UnitSet } from '~/lib/units';
import type { SceneNode, Trouble, ValueSource } from '../contract';
import { words } from '../words';
import { fillFormat } from './format';
import { holds, known, trustOfItem } from './rules';
import type { Item, SceneModel } from './scene';

// What a desired value that is under way or came to nothing says of a twin.
export interface OpenOrder {
  twin: string;
  path: string;
  state: string;
}

export const severityKinds = {
  urgent: 'alarm', high: 'alarm', warning: 'warn', info: 'note',
} as const;
const weight = { alarm: 3, warn: 2, note: 1 } as const;

// The worst thing that is wrong with a piece of equipment, in words: conditions of the scene first,
// then what cannot be trusted, then orders that the plant has not confirmed.
export function troubleOf(
  item: Item, source: ValueSource, set: UnitSet, orders: OpenOrder[] = [],
): Trouble | undefined {
  let worst: Trouble | undefined;
  const take = (one: Trouble) => {
    if (!worst || weight[one.kind] > weight[worst.kind]) worst = one;
  };
  for (const one of item.bindings) {
    if (one.kind !== 'badge' || !one.when) continue;
    const reading = source.read(one.twin, one.property);
    if (!known(reading) || !holds(one.when, reading?.value)) continue;
    if (reading?.trust !== 'good' && reading?.trust !== 'uncertain') continue;
    take({
      kind: severityKinds[one.severity ?? 'warning'],
      text: fillFormat(one.text, reading, { unit: one.unit, name: item.name, set }),
    });
  }
  const trust = trustOfItem(item, source);
  if (trust === 'offline') take({ kind: 'warn', text: words.now('troubleOffline'), ofTrust: true });
  if (trust === 'bad') take({ kind: 'warn', text: words.now('troubleBad'), ofTrust: true });
  if (trust === 'stale') take({ kind: 'note', text: words.now('troubleStale'), ofTrust: true });
  for (const order of orders) {
    if (order.twin !== item.twin) continue;
    if (order.state === 'refused' || order.state === 'timed_out')
      take({ kind: 'warn', text: words.now('troubleRefused', { what: order.path }) });
    else if (order.state === 'drifted')
      take({ kind: 'note', text: words.now('troubleDrifted', { what: order.path }) });
    else if (order.state === 'pending' || order.state === 'sent')
      take({ kind: 'note', text: words.now('troublePending', { what: order.path }) });
  }
  return worst;
}

// The contract's function of a scene's node. Equipment only: a pipe has no badge of its own.
export const troubleIn = (
  model: SceneModel, source: ValueSource, set: UnitSet, orders: OpenOrder[],
) => (node: SceneNode): Trouble | undefined => {
  const item = model.byId.get(node.id ?? '');
  return item && item.bindings.length > 0 && item.kind !== 'pipe'
    ? troubleOf(item, source, set, orders) : undefined;
};
