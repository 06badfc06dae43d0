import { describe, expect, it } from 'vitest';
import type { Shape, Slot } from '../data';
import { rateOf, type TwinFigures } from '../Figures';
import { fitOf, placesBelow, ranked } from './fit';

const slot = (path: string, unit?: string, more: Partial<Slot> = {}): Slot =>
  ({ path, kind: 'Telemetry', schema: 'double', definedIn: '', ...(unit ? { unit } : {}),
    ...more });
const shape = (id: string, slots: Slot[]): Shape =>
  ({ id, ancestors: [id], slots, relationships: [], commands: [] });
const points = [
  { point: 'w/p1/flow', unit: 'L/s' }, { point: 'w/p1/Bearing Temp', unit: 'degC' },
  { point: 'w/p1/power', unit: 'kW' },
];

describe('models that fit the points there', () => {
  const pump = shape('Pump', [slot('flow', 'L/s'), slot('bearing_temp', 'degC'),
    slot('power', 'kW'), slot('serial', undefined, { fixed: true })]);
  it('count names and units, and bind what is only written otherwise', () => {
    expect(fitOf(pump, 'w/p1', points)).toEqual(
      { model: 'Pump', count: 3, bindings: { bearing_temp: 'w/p1/Bearing Temp' } });
    // Another unit is another quantity.
    expect(fitOf(shape('M', [slot('flow', 'm')]), 'w/p1', points).count).toBe(0);
    // What is set by hand or derived asks for no point.
    expect(fitOf(shape('M', [slot('flow', 'L/s', { fixed: true })]), 'w/p1', points).count).toBe(0);
  });
  it('stand by how many they take, then by how little is left over', () => {
    const meter = shape('Meter', [slot('flow', 'L/s')]);
    const large = shape('Station', [...pump.slots, slot('level', 'm'), slot('speed')]);
    expect(ranked([meter, large, pump, shape('None', [])], 'w/p1', points)
      .map((one) => [one.model, one.count])).toEqual([['Pump', 3], ['Station', 3], ['Meter', 1]]);
  });
  it('lead from an area to where twins are still to be made', () => {
    expect(placesBelow('w', [...points, { point: 'w/p2/flow', unit: null },
      { point: 'w/total', unit: null }])).toEqual(
      [{ id: 'w/p1', count: 3 }, { id: 'w/p2', count: 1 }]);
  });
});

describe('rates of the figures', () => {
  const at = (time: number, updates: number) => ({ time, figures: { updates } as TwinFigures });
  it('are between two answers, and unknown where the server began anew', () => {
    expect(rateOf(at(0, 100), at(5000, 600), 'updates')).toBe(100);
    expect(rateOf(at(0, 100), at(5000, 7), 'updates')).toBeNull();
    expect(rateOf(null, at(1, 7), 'updates')).toBeNull();
  });
});
