import { describe, expect, it } from 'vitest';
import type { Shape } from './data';
import {
  check, checkDescription, elementOf, fieldOf, initial, requestField, slotField, type Doc,
} from './schema';

const pump: Doc = {
  '@id': 'dtmi:test:Pump;1',
  schemas: [{
    '@id': 'dtmi:test:Curve;1', '@type': 'Object',
    fields: [{ name: 'shut', schema: 'double' }, { name: 'points', schema: { '@type': 'Array',
      elementSchema: 'integer' } }],
  }],
  contents: [
    { '@type': 'Property', name: 'curve', schema: 'dtmi:test:Curve;1', fixed: true },
    { '@type': 'Property', name: 'criticality', schema: { '@type': 'Enum', valueSchema: 'string',
      enumValues: [{ name: 'low', enumValue: 'low' },
        { name: 'high', displayName: { en: 'High' }, enumValue: 'high' }] } },
    { '@type': 'Command', name: 'SetSpeed', request: { name: 'speed', schema: 'double',
      unitSymbol: '1', minimum: 0, maximum: 1.2 } },
    { '@type': 'Command', name: 'Start' },
  ],
};
const slot = {
  path: 'speed', kind: 'Property' as const, schema: 'double', definedIn: 'dtmi:test:Pump;1',
};

describe('a form of a DTDL schema', () => {
  it('knows numbers with their range and unit', () => {
    expect(slotField({ ...slot, minimum: 0, maximum: 1.2, unit: '1' }, undefined))
      .toEqual({ kind: 'number', integer: false, min: 0, max: 1.2, unit: '1' });
    expect(fieldOf('long')).toEqual({ kind: 'number', integer: true });
  });
  it('finds named schemas, objects, lists and enums', () => {
    const curve = slotField({ ...slot, path: 'drive/curve', schema: 'Object' }, pump);
    expect(curve).toEqual({ kind: 'object', fields: [
      { name: 'shut', label: 'shut', field: { kind: 'number', integer: false } },
      { name: 'points', label: 'points', field: { kind: 'array',
        item: { kind: 'number', integer: true } } },
    ] });
    expect(slotField({ ...slot, path: 'criticality', schema: 'Enum' }, pump)).toEqual({
      kind: 'enum', options: [{ value: 'low', label: 'low' }, { value: 'high', label: 'High' }] });
  });
  it('falls back to JSON for what it does not know, and for what nests without end', () => {
    expect(fieldOf('lineString')).toEqual({ kind: 'json' });
    let deep: Doc = { '@type': 'Array', elementSchema: 'double' };
    for (let i = 0; i < 50; i++) deep = { '@type': 'Array', elementSchema: deep };
    let field = fieldOf(deep);
    let depth = 0;
    while (field.kind === 'array') [field, depth] = [field.item, depth + 1];
    expect(depth).toBeLessThan(20);
    expect(field).toEqual({ kind: 'json' });
  });
  it('makes the form of a command and none where nothing is asked', () => {
    expect(requestField(pump, 'SetSpeed'))
      .toEqual({ kind: 'number', integer: false, min: 0, max: 1.2, unit: '1' });
    expect(requestField(pump, 'Start')).toBeNull();
    expect(elementOf(pump, 'nothing')).toBeUndefined();
  });
  it('begins with what the schema has', () => {
    expect(initial(fieldOf({ '@type': 'Object', fields: [{ name: 'on', schema: 'boolean' }] })))
      .toEqual({ on: false });
  });
});

describe('the check of a value', () => {
  it('tells range, whole numbers and kinds', () => {
    const speed = slotField({ ...slot, minimum: 0, maximum: 1.2 }, undefined);
    expect(check(speed, 1)).toEqual([]);
    expect(check(speed, 7)).toEqual([{ pointer: '', key: 'tooHigh', values: { limit: 1.2 } }]);
    expect(check(speed, -1)[0]?.key).toBe('tooLow');
    expect(check(speed, '1')[0]?.key).toBe('wantNumber');
    expect(check(fieldOf('integer'), 1.5)[0]?.key).toBe('wantInteger');
    expect(check(fieldOf('boolean'), 1)[0]?.key).toBe('wantBoolean');
    expect(check(fieldOf('date'), '2026-1-1')[0]?.key).toBe('wantFormat');
    expect(check(fieldOf('duration'), 'PT5M')).toEqual([]);
  });
  it('points to the member that is wrong', () => {
    const curve = slotField({ ...slot, path: 'curve' }, pump);
    expect(check(curve, { shut: 3, points: [1, 'x'] }, '/properties/curve'))
      .toEqual([{ pointer: '/properties/curve/points/1', key: 'wantNumber', values: {} }]);
    expect(check(curve, { 'a/b': 1 })[0]).toEqual(
      { pointer: '/a~1b', key: 'noSuchMember', values: { name: 'a/b' } });
  });
});

describe('the check of a description', () => {
  const shape: Shape = {
    id: 'dtmi:test:Pump;1', ancestors: [], relationships: [], commands: [],
    slots: [slot, { ...slot, path: 'drive/poles', schema: 'integer', fixed: true }],
  };
  const wrong = (text: unknown) =>
    checkDescription(JSON.stringify(text), shape, new Map()).map((one) => one.pointer);
  it('finds unknown properties and bindings, in components too', () => {
    expect(wrong({ model: shape.id, properties: { speed: 1, drive: { poles: 4, pols: 4 } },
      bindings: { speed: 'a', sped: 'b' } }))
      .toEqual(['/properties/drive/pols', '/bindings/sped']);
  });
  it('says nothing of a text that does not parse or that names another model', () => {
    expect(checkDescription('{', shape, new Map())).toEqual([]);
    expect(wrong({ model: 'dtmi:test:Other;1', properties: { x: 1 } })).toEqual([]);
  });
});
