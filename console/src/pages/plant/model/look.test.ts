import { describe, expect, it } from 'vitest';
import type { Reading } from '../contract';
import { colourAt, colourFor, doubtGrey, hatch, mixColours, parseColour } from './colour';
import { changeText, fillFormat, type FormatContext } from './format';
import { fillShare, holds, rateOf } from './rules';
import type { Bound } from './scene';
import { shownTurns } from '../three/turns';

const binding = (more: Partial<Bound>): Bound =>
  ({ kind: 'colour', twin: 't', property: 'p', ...more });
const good = (value: Reading['value'], more: Partial<Reading> = {}): Reading =>
  ({ value, trust: 'good', ...more });

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

  it('hatches grey what may not be believed, whatever the value says', () => {
    const one = binding({ stops, values: { true: '#00ff00' }, ...{ bad: '#bb00bb' } });
    for (const reading of [undefined, good(null, { trust: 'none' }), good(15, { trust: 'bad' }),
      good(15, { trust: 'stale' }), good(15, { trust: 'offline' })])
      expect(colourFor(one, reading)).toBe(hatch | doubtGrey);
  });

  it('hatches what is uncertain over its colour', () => {
    expect(colourFor(binding({ stops }), good(15, { trust: 'uncertain' }))).toBe(hatch | 0xffffff);
    expect(colourFor(binding({}), good('x', { trust: 'uncertain' }))).toBe(hatch | doubtGrey);
  });

  it('names flags and texts, and changes nothing for one without a name', () => {
    const one = binding({ values: { true: '#00ff00', washing: '#0000ff' } });
    expect(colourFor(one, good(true))).toBe(0x00ff00);
    expect(colourFor(one, good('washing'))).toBe(0x0000ff);
    expect(colourFor(one, good('idle'))).toBe(-1);
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
    expect(fillShare(one, 3)).toBe(0.5);
    expect(fillShare(one, 9)).toBe(1);
    expect(fillShare(one, -9)).toBe(0);
    expect(fillShare(one, null)).toBeNaN();
  });

  it('moves nothing by a value that is not of now', () => {
    const one = binding({ kind: 'flow', factor: -2 });
    expect(rateOf(one, good(3))).toBe(-6);
    expect(rateOf(one, good(true))).toBe(-2);
    for (const trust of ['stale', 'bad', 'offline', 'none'] as const)
      expect(rateOf(one, good(3, { trust }))).toBeNaN();
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
    name: 'Tank 1', set: 'si', zone: 'UTC',
    word: (value) => (typeof value === 'boolean' ? value ? 'on' : 'off' : String(value)),
  };
  const label = (more: Partial<Bound>) => binding({ kind: 'label', ...more });
  const labelText = (one: Bound, reading: Reading | undefined, more: FormatContext) =>
    fillFormat(one.format, reading, { ...more, unit: one.unit });

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

  it('tells how a value differs, as fine as it is written, and nothing that is not seen', () => {
    const one = good(2.4, { unit: 'm', change: -0.31 });
    expect(changeText(one, '{value:.2f} {unit}', 'm', 'si')).toBe('−0.31');
    expect(changeText(one, '{value:.1f} {unit}', 'm', 'us')).toBe('−1.0');
    expect(changeText({ ...one, change: 0.001 }, '{value:.2f}', 'm', 'si')).toBe('');
    expect(changeText(good(20, { unit: 'degC', change: 10 }), '{value:.0f}', undefined, 'us'))
      .toBe('+18');
    expect(changeText(good(2), undefined, 'm', 'si')).toBe('');
  });
});
