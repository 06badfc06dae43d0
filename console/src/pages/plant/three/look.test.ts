import { describe, expect, it } from 'vitest';
import type { Reading } from '../contract';
import {
  colourAt, colourFor, fillOf, holds, labelText, mixColours, parseColour, rateOf, shownTurns,
  type Binding, type FormatContext,
} from './look';

const binding = (more: Partial<Binding>): Binding =>
  ({ kind: 'colour', twin: 't', property: 'p', ...more });
const good = (value: Reading['value'], more: Partial<Reading> = {}): Reading =>
  ({ value, trust: 'good', ...more });
const quality = { stale: '#999999', bad: '#bb00bb' };

describe('colours', () => {
  const stops: [number, string][] = [[0, '#000000'], [10, '#ffffff'], [20, '#ff0000']];

  it('holds a stop up to the next, and the first below it', () => {
    expect(colourAt(stops, false, -5)).toBe(0x000000);
    expect(colourAt(stops, false, 9.99)).toBe(0x000000);
    expect(colourAt(stops, false, 10)).toBe(0xffffff);
    expect(colourAt(stops, false, 99)).toBe(0xff0000);
    expect(colourAt([], false, 1)).toBe(-1);
  });

  it('mixes two neighbours where it is smooth', () => {
    expect(colourAt(stops, true, 5)).toBe(0x808080);
    expect(colourAt(stops, true, 15)).toBe(0xff8080);
    expect(mixColours(0x102030, 0x304050, 0.5)).toBe(0x203040);
  });

  it('takes no colour that is none', () => {
    expect(parseColour('#12aBcd')).toBe(0x12abcd);
    expect(parseColour('red')).toBe(-1);
  });

  it('says what may not be believed before what the value says', () => {
    const one = binding({ stops, values: { true: '#00ff00' } });
    expect(colourFor(one, undefined, quality)).toBe(0xbb00bb);
    expect(colourFor(one, good(null), quality)).toBe(0xbb00bb);
    expect(colourFor(one, good(15, { trust: 'bad' }), quality)).toBe(0xbb00bb);
    expect(colourFor(one, good(15, { trust: 'stale' }), quality)).toBe(0x999999);
    expect(colourFor(one, good(15, { trust: 'offline' }), quality)).toBe(0x999999);
    expect(colourFor({ ...one, stale: '#123456' }, good(15, { trust: 'stale' }), quality))
      .toBe(0x123456);
  });

  it('shows what is uncertain as good, unless the scene has a colour for it', () => {
    const one = binding({ stops });
    expect(colourFor(one, good(15, { trust: 'uncertain' }), quality)).toBe(0xffffff);
    expect(colourFor(one, good(15, { trust: 'uncertain' }), { ...quality, uncertain: '#0000ff' }))
      .toBe(0x0000ff);
  });

  it('names flags and texts, and changes nothing for one without a name', () => {
    const one = binding({ values: { true: '#00ff00', washing: '#0000ff' } });
    expect(colourFor(one, good(true), quality)).toBe(0x00ff00);
    expect(colourFor(one, good('washing'), quality)).toBe(0x0000ff);
    expect(colourFor(one, good('idle'), quality)).toBe(-1);
  });
});

describe('conditions', () => {
  it('compares what is of one type', () => {
    expect(holds({ op: '>', value: 4.5 }, 5)).toBe(true);
    expect(holds({ op: '>', value: 4.5 }, '5')).toBe(false);
    expect(holds({ op: '<=', value: 'b' }, 'a')).toBe(true);
    expect(holds({ op: '>=', value: true }, true)).toBe(false);
    expect(holds({ op: '==', value: true }, true)).toBe(true);
    expect(holds({ op: '!=', value: 1 }, 2)).toBe(true);
    expect(holds({ op: 'in', values: ['a', 2] }, 2)).toBe(true);
    expect(holds({ op: '!=', value: 1 }, null)).toBe(false);
    expect(holds({ op: '<', value: 1 }, NaN)).toBe(false);
  });
});

describe('levels and rates', () => {
  it('fills between min and max', () => {
    const one = binding({ kind: 'fill', min: 1, max: 5 });
    expect(fillOf(one, 3)).toBe(0.5);
    expect(fillOf(one, 9)).toBe(1);
    expect(fillOf(one, -9)).toBe(0);
    expect(fillOf(one, null)).toBeNaN();
  });

  it('moves nothing by a value that is not of now', () => {
    const one = binding({ kind: 'flow', factor: -2 });
    expect(rateOf(one, good(3))).toBe(-6);
    expect(rateOf(one, good(true))).toBe(-2);
    for (const trust of ['stale', 'bad', 'offline', 'none'] as const)
      expect(rateOf(one, good(3, { trust }))).toBe(0);
  });

  it('turns no faster than the eye follows, and faster for more', () => {
    expect(shownTurns(30)).toBe(30);
    expect(shownTurns(985)).toBeLessThan(90);
    expect(shownTurns(1450)).toBeGreaterThan(shownTurns(985));
    expect(shownTurns(-30)).toBe(-30);
  });
});

describe('label texts', () => {
  const context: FormatContext = {
    name: 'Tank 1', set: 'si', zone: 'UTC', word: (on) => (on ? 'on' : 'off'),
  };
  const label = (more: Partial<Binding>) => binding({ kind: 'label', ...more });

  it('fills its format in the units of the person', () => {
    const one = label({ format: '{name}: {value:.1f} {unit}', unit: 'm' });
    expect(labelText(one, good(2), context)).toBe('Tank 1: 2.0 m');
    expect(labelText(one, good(2), { ...context, set: 'us' })).toBe('Tank 1: 6.6 ft');
  });

  it('writes a dash for what is not known', () => {
    const one = label({ format: '{value:.1f} {unit}', unit: 'm' });
    expect(labelText(one, undefined, context)).toBe('– m');
    expect(labelText(one, good(4, { trust: 'none' }), context)).toBe('– m');
  });

  it('writes flags, texts, quality and what it does not know as they are', () => {
    expect(labelText(label({}), good(true), context)).toBe('on');
    expect(labelText(label({}), good('washing'), context)).toBe('washing');
    expect(labelText(label({ format: '{quality}' }), good(1, { trust: 'stale' }), context))
      .toBe('stale');
    expect(labelText(label({ format: '{what}' }), good(1), context)).toBe('{what}');
  });

  it('has the unit of the value where the binding has none', () => {
    expect(labelText(label({}), good(1.5, { unit: 'degC' }), context)).toBe('1.5 °C');
  });
});
