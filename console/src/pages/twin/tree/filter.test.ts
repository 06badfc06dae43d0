import { describe, expect, it } from 'vitest';
import type { Twin } from '../data';
import {
  complete, isSql, matches, nearest, needsValues, parseSearch, serverPart, type Known,
} from './filter';

const known: Known = {
  models: [{ id: 'dtmi:w:Pump;1', short: 'Pump' }, { id: 'dtmi:w:Tank;1', short: 'Tank' }],
  properties: ['flow', 'level', 'running', 'drive/speed'],
};
const parse = (text: string) => parseSearch(text, known);
const twin = (values: Record<string, unknown>, more: Partial<Twin> = {}): Twin => ({
  id: 'works/pump1', name: 'Raw water pump', model: 'dtmi:w:Pump;1', revision: 1, created_at: '',
  updated_at: '', properties: Object.fromEntries(Object.entries(values).map(([path, value]) =>
    [path, { value, quality: 'good', origin: 'point' as const }])), ...more,
});

describe('the search language', () => {
  it('reads words, prefixes and conditions', () => {
    const { search, flaws } = parse('raw model:pump in:works/a "high lift" AND drive/speed >= 1.5');
    expect(flaws).toEqual([]);
    expect(search).toEqual({
      words: ['raw', 'high lift'], model: 'dtmi:w:Pump;1', within: 'works/a', stale: false,
      conditions: [{ path: 'drive/speed', op: '>=', value: 1.5 }],
    });
    expect(serverPart(search)).toEqual({
      filter: undefined, model: 'dtmi:w:Pump;1', root: 'works/a', along: 'partOf',
      incoming: true,
    });
  });
  it('reads conditions without blanks, true and texts', () => {
    expect(parse('level>3 running=true status!="idle"').search.conditions).toEqual([
      { path: 'level', op: '>', value: 3 }, { path: 'running', op: '=', value: true },
      { path: 'status', op: '!=', value: 'idle' }]);
  });
  it('shows what is wrong where it is', () => {
    expect(parse('model:Pomp').flaws).toEqual(
      [{ from: 0, to: 10, key: 'flawModel', values: { name: 'Pomp', near: 'Pump' } }]);
    expect(parse('pump flwo > 3').flaws).toEqual(
      [{ from: 5, to: 9, key: 'flawProperty', values: { name: 'flwo', near: 'flow' } }]);
    expect(parse('flow >').flaws[0]).toMatchObject({ from: 5, to: 6, key: 'flawValue' });
    expect(parse('> 3').flaws[0]).toMatchObject({ from: 0, key: 'flawWord' });
    expect(parse('a OR b').flaws[0]).toMatchObject({ from: 2, to: 4, key: 'flawOr' });
    expect(parse('model:').flaws[0]).toMatchObject({ key: 'flawEmpty', values: { name: 'model' } });
    expect(parse('"open').flaws[0]?.key).toBe('flawQuote');
    expect(parse('quality:fine').flaws[0]?.key).toBe('flawQuality');
  });
  it('checks nothing against names that are not known yet', () => {
    expect(parseSearch('model:X flwo > 3', { models: [], properties: [] }).flaws).toEqual([]);
  });
  it('finds by words in id and name, and by values of the same kind', () => {
    const find = (text: string, one: Twin) => matches(parse(text).search, one);
    expect(find('PUMP1 water', twin({}))).toBe(true);
    expect(find('tower', twin({}))).toBe(false);
    expect(find('flow > 5', twin({ flow: 6 }))).toBe(true);
    expect(find('flow > 5', twin({ flow: '6' }))).toBe(false);
    expect(find('flow > 5', twin({ flow: null }))).toBe(false);
    expect(find('running = true', twin({ running: true }))).toBe(true);
    expect(find('is:stale', twin({ flow: 1 }))).toBe(false);
    expect(needsValues(parse('pump').search)).toBe(false);
  });
  it('tells SQL from words', () => {
    expect(isSql(' select * from twins')).toBe(true);
    expect(isSql('selector valve')).toBe(false);
  });
});

describe('completion', () => {
  const labels = (text: string, at = text.length) =>
    complete(text, at, known)?.options.map((one) => one.label);
  it('offers models behind model:', () => {
    expect(complete('x model:Pu', 10, known)?.from).toBe(8);
    expect(labels('model:')).toEqual(['Pump', 'Tank']);
  });
  it('offers words of the language and properties elsewhere', () => {
    expect(labels('fl')).toEqual(expect.arrayContaining(['flow', 'model:']));
    expect(complete('pump fl', 7, known)?.from).toBe(5);
  });
  it('offers nothing where a value stands, in texts, and in SQL', () => {
    expect(labels('flow > 3')).toBeUndefined();
    expect(labels('"fl"')).toBeUndefined();
    expect(labels('SELECT fl')).toBeUndefined();
  });
  it('finds the nearest name', () => {
    expect(nearest('leval', known.properties)).toBe('level');
  });
});
