import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Order, Shape, Slot, Twin } from '../data';
import { counts, follow, isConfirmed, isSettled, resultsOf, type Wanted } from './many';
import { sharedSlots } from './OfMany';

const wanted = (twin: string): Wanted =>
  ({ twin, name: twin, path: 'speed', title: 'Speed', value: 5, before: 3 });
const order = (twin: string, state: string, id = twin): Order =>
  ({ kind: 'desired', id, twin, state, asked_at: '' });

afterEach(() => vi.unstubAllGlobals());

describe('several desired values', () => {
  it('stand each for itself', () => {
    const [a, b, c] = resultsOf([wanted('a'), wanted('b'), wanted('c')],
      [order('a', 'applied'), { ...order('b', ''), code: 'invalid_argument', error: 'too high' }]);
    expect(a && isConfirmed(a)).toBe(true);
    expect(b).toMatchObject({ order: null, error: 'too high' });
    expect(c && isSettled(c)).toBe(true); // no answer is no success
    expect(counts(resultsOf([wanted('a'), wanted('b')],
      [order('a', 'sent'), order('b', 'timed_out')]))).toEqual(
      { confirmed: 0, open: 1, refused: 1 });
  });
  it('are followed until they have ended, each by its own order', async () => {
    const states: Record<string, Order[]> = {
      a: [order('a', 'sent'), order('a', 'applied')],
      b: [order('b', 'applied', 'somebody else')],
    };
    vi.stubGlobal('fetch', vi.fn((url: string) => {
      const twin = /twins\/(\w)\//.exec(url)?.[1] ?? '';
      return Promise.resolve(new Response(JSON.stringify(states[twin]?.shift())));
    }));
    const rounds: string[][] = [];
    const ended = await follow(
      resultsOf([wanted('a'), wanted('b')], [order('a', 'pending'), order('b', 'pending')]),
      (now) => rounds.push(now.map((one) => one.order?.state ?? '')), () => Promise.resolve());
    expect(rounds).toEqual([['sent', 'superseded'], ['applied', 'superseded']]);
    expect(ended.map(isConfirmed)).toEqual([true, false]);
  });
  it('are offered where path, schema and unit are the same', () => {
    const slot = (path: string, unit: string, writable = true): Slot =>
      ({ path, kind: 'Property', schema: 'double', unit, writable, definedIn: '' });
    const shape = (id: string, slots: Slot[]): [string, Shape] => [id,
      { id, ancestors: [], slots, relationships: [], commands: [] }];
    const twin = (id: string, model: string) => ({ id, model }) as Twin;
    const shared = sharedSlots([twin('a', 'M'), twin('b', 'N'), twin('c', 'M')], new Map([
      shape('M', [slot('speed', 'rpm'), slot('x', 'm'), slot('y', 'm', false)]),
      shape('N', [slot('speed', 'rpm'), slot('x', 'ft')])]));
    expect(shared.map((one) => [one.slot.path, one.slot.unit, one.twins.length]))
      .toEqual([['speed', 'rpm', 3], ['x', 'm', 2], ['x', 'ft', 1]]);
  });
});
