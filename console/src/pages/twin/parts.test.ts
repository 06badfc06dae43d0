import { describe, expect, it } from 'vitest';
import { ticksOf, linePath } from './chartMath';
import { graphOf, graphLimit } from './detail/graph';
import { outcomeOf } from './detail/orders';
import { summaryOf } from './detail/summary';
import { boundSlots, fedFirst, idFlaw, nested, usualPoint } from './make/bindings';
import { formatOf } from './make/formats';
import { modelTree } from './models/modelTree';
import { outdent } from './models/ModelEditor';
import { draftOf, flawsOf, specOf } from './scenarios/draft';
import { mostDifferent } from './scenarios/series';
import { draftOf as subDraft, specOf as subSpec } from './subscriptions/draft';
import { filterTakes, follows } from './subscriptions/match';
import { trustOfTwin, type Order, type Slot, type TwinValue } from './data';

const slot = (more: Partial<Slot>): Slot =>
  ({ path: 'drive/speed', kind: 'Telemetry', schema: 'double', definedIn: 'm', ...more });
const order = (more: Partial<Order>): Order =>
  ({ kind: 'desired', id: '1', twin: 't', state: 'applied', asked_at: '', ...more });

describe('orders', () => {
  const say = (state: string) => state;
  it('confirms only what was read back', () => {
    expect(outcomeOf(order({ value: 5, reported: 5 }), say)).toEqual(
      { kind: 'confirmed', value: '5' });
    expect(outcomeOf(order({ kind: 'command', state: 'done', response: 12.5 }), say)).toEqual(
      { kind: 'answered', text: 'done, 12.5' });
    expect(outcomeOf(order({ state: 'sent', detail: 'waits' }), say)).toEqual(
      { kind: 'unconfirmed', why: 'sent: waits' });
    expect(outcomeOf(order({ state: 'timed_out' }), say).kind).toBe('unconfirmed');
    expect(outcomeOf(order({ state: 'drifted' }), say).kind).toBe('unconfirmed');
    expect(outcomeOf(order({ state: 'refused', detail: 'no' }), say)).toEqual(
      { kind: 'refused', why: 'refused: no' });
  });
});

describe('trust in a twin’s value', () => {
  const value = (more: Partial<TwinValue>): TwinValue =>
    ({ value: 1, quality: 'good', origin: 'point', ...more });
  it('is the link, then quality, then age', () => {
    expect(trustOfTwin(value({}), true)).toBe('offline');
    expect(trustOfTwin(value({ origin: 'fixed' }), true)).toBe('good');
    expect(trustOfTwin(value({ stale: true }), false)).toBe('stale');
    expect(trustOfTwin(value({ quality: 'bad.x', stale: true }), false)).toBe('bad');
    expect(trustOfTwin(value({ value: null }), false)).toBe('none');
  });
  it('makes the state of the twin', () => {
    expect(summaryOf({ a: value({}), b: value({ quality: 'bad.device' }) }, false))
      .toMatchObject({ key: 'stateBad', count: 1 });
    expect(summaryOf({ a: value({ value: null, origin: 'none',
      quality: 'bad.waiting_for_initial_data' }) }, false).key).toBe('stateEmpty');
    expect(summaryOf({ a: value({}) }, true).key).toBe('stateOffline');
  });
});

describe('bindings', () => {
  it('follows the pattern of the model', () => {
    expect(usualPoint(slot({}), 'works/pump1')).toBe('works/pump1/drive/speed');
    expect(usualPoint(slot({ point: '${parent}/${id[0]}/${name}' }), 'works/pump1'))
      .toBe('works/works/speed');
    expect(usualPoint(slot({ point: '${property:plc}/x' }), 'works/pump1')).toBeNull();
    expect(usualPoint(slot({}), '')).toBeNull();
  });
  it('leaves out what no point feeds', () => {
    expect(boundSlots([slot({}), slot({ fixed: true }), slot({ expression: '1' })]))
      .toHaveLength(1);
  });
  it('puts what the points of this moment feed first', () => {
    const slots = ['a', 'b', 'c'].map((path) => slot({ path, point: '${id}/${path}' }));
    expect(fedFirst(slots, 'w', new Set(['w/c', 'x/a'])).map((one) => one.path))
      .toEqual(['c', 'a', 'b']);
    expect(fedFirst(slots, '', new Set(['/a'])).map((one) => one.path)).toEqual(['a', 'b', 'c']);
  });
  it('knows ids that will be refused, and members of components', () => {
    expect(['', 'a//b', '#', '$x', 'a/'].map(idFlaw)).not.toContain(null);
    expect(idFlaw('works/泵 1')).toBeNull();
    expect(nested({ 'drive/poles': 4, name: undefined, x: 1 }))
      .toEqual({ drive: { poles: 4 }, x: 1 });
  });
});

describe('files', () => {
  it('are told by name and content', () => {
    expect(formatOf('a.csv', '')).toBe('csv');
    expect(formatOf('', '{"id":"a"}\n{"id":"b"}')).toBe('ndjson');
    expect(formatOf('', '{\n "twins": []}')).toBe('json');
    expect(formatOf('', '{"Section":"Models"}\n{}')).toBe('jsonl');
    expect(formatOf('', 'id,model\na,b')).toBe('csv');
  });
});

describe('models', () => {
  const row = (id: string, ...above: string[]) => ({ id, extends: above, contents: 0, slots: 0 });
  it('stand below each that they extend, without circles', () => {
    const tree = modelTree([row('b', 'a'), row('a'), row('c', 'a', 'b'), row('z', 'gone')]);
    expect(tree.map((one) => `${one.depth}${one.row.id}`)).toEqual(['0a', '1b', '2c', '1c', '0z']);
    expect(modelTree([row('a', 'b'), row('b', 'a')])).toEqual([]);
  });
  it('lose the indent of their list', () => {
    expect(outdent('{\n    "a": 1\n  }')).toBe('{\n  "a": 1\n}');
  });
});

describe('the picture of relationships', () => {
  it('draws one line there and back', () => {
    const graph = graphOf('p', [{ source: 'p', name: 'partOf', target: 's' }],
      [{ source: 's', name: 'pumps', target: 'p' }]);
    expect(graph.links).toEqual([{ source: 'p', target: 's', names: ['partOf', '← pumps'] }]);
  });
  it('has its limit and says what is left', () => {
    const many = Array.from({ length: 100 }, (_, i) => (
      { source: 'p', name: 'feeds', target: `t${i}` }));
    const graph = graphOf('p', many, []);
    expect(graph.ids.length).toBe(graphLimit + 1);
    expect(graph.left).toBe(100 - graphLimit);
  });
});

describe('subscriptions', () => {
  it('take paths as MQTT does', () => {
    expect(filterTakes('a/+/c', 'a/b/c')).toBe(true);
    expect(filterTakes('a/#', 'a')).toBe(true);
    expect(filterTakes('a/+', 'a')).toBe(false);
    expect(filterTakes('a', 'a/b')).toBe(false);
  });
  it('follow a twin for certain, perhaps or not', () => {
    expect(follows({ id: 's', filter: { model: 'Pump' } }, 'a', ['Asset', 'Pump'])).toBe('yes');
    expect(follows({ id: 's', filter: { root: 'b' } }, 'a', [])).toBe('maybe');
    expect(follows({ id: 's', filter: { twins: 'x/#' } }, 'a', [])).toBe('no');
  });
  it('go through the form unchanged', () => {
    const one = {
      id: 'hot', enabled: false, when: 'on_change' as const, deadband: 0.5, min_interval: '1s',
      filter: { twins: 'works/#', where: 'power > 50', properties: ['power', 'drive/#'],
        events: ['property', 'stale'] },
      enrich: ['name'], deliver: { mqtt: { topic: 'a/${twin}', qos: 1 } },
    };
    expect(subSpec(subDraft(one), one)).toEqual(one);
  });
});

describe('scenarios', () => {
  it('are read from the form with what is wrong told', () => {
    const draft = { ...draftOf(), site: 's', overrides: [
      { slot: 's/pump out_of_service', value: 'true', from: '+1h', to: '' }] };
    expect(flawsOf(draft)).toEqual({});
    expect(specOf(draft).overrides).toEqual(
      [{ twin: 's/pump', path: 'out_of_service', value: true, from: '+1h' }]);
    expect(flawsOf({ ...draft, site: '', horizon: 'a day', parameters: '[1]',
      overrides: [{ slot: 'x', value: '', from: '', to: '' }] })).toEqual({
      site: 'siteNeeded', horizon: 'wantDuration', parameters: 'notJson', override0: 'wantSlot' });
  });
  it('show first what differs most', () => {
    const series = (twin: string, path: string, ...values: number[]) =>
      ({ key: path, twin, path, unit: '', values });
    expect(mostDifferent(
      [series('t', 'a', 1, 1), series('u', 'level', 5, 6), series('t', 'b', 1, 9)],
      [series('t', 'a', 1, 1), series('u', 'level', 5, 6), series('t', 'b', 1, 2)], 3))
      .toEqual(['t b', 'u level']);
  });
});

describe('the chart', () => {
  it('has round ticks around all values', () => {
    expect(ticksOf([0.1, 9.7])).toEqual([0, 5, 10]);
    expect(ticksOf([null])).toEqual([0, 1]);
    const flat = ticksOf([7, 7]);
    expect(flat[0]).toBeLessThan(7);
    expect(flat.at(-1)).toBeGreaterThan(7);
  });
  it('keeps gaps', () => {
    expect(linePath([1, null, 2], (x) => x, (y) => y)).toBe('M0.0 1.0M2.0 2.0');
  });
});
