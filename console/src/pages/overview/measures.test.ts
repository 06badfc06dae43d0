import { describe, expect, it, vi } from 'vitest';
import { changesOf, wordsOf, type AuditRecord, type TwinEvent } from './changes';
import { filterOf, isUp, readRules } from './data';
import { en } from './en';
import { measuresOf, outside, type Twin } from './measures';
import { meanOf, rate, readMetrics, total } from './metrics';

const twin = (id: string, kind: string, values: Record<string, number | null>,
  more: Partial<Twin['properties'][string]> = {}): Twin => ({
  id, model: `dtmi:headworks:water:${kind};1`, relationships: [],
  properties: Object.fromEntries(Object.entries(values).map(([name, value]) =>
    [name, { value, quality: 'good', origin: 'derived', ...more }])),
});

describe('measures of a site', () => {
  const twins = [
    twin('s', 'Site', { supply: 150, lowest_pressure: 1.2 }),
    twin('s/w1', 'Works', { outflow: 100, designFlow: 250, worst_turbidity: 0.1 }),
    twin('s/w2', 'Works', { outflow: 50, designFlow: 50, worst_turbidity: 0.5 }),
    twin('s/z', 'PressureZone', { least_chlorine: 0.5, lowest_pressure: 1.2 }),
  ];
  const of = (key: string, kept = (_: string) => true) =>
    measuresOf(twins, kept).find((one) => one.key === key);

  it('come from the site, else from what is below', () => {
    expect(of('supply')).toMatchObject({ value: 150, point: 's/supply', max: 360 });
    expect(of('turbidity')).toMatchObject({ value: 0.5, high: 0.3, point: undefined });
    expect(of('chlorine')).toMatchObject({ value: 0.5, point: 's/z/least_chlorine' });
    expect(of('energy')).toBeUndefined();
  });

  it('have the history of the next source where their own is not kept', () => {
    expect(of('pressure', (point) => point === 's/z/lowest_pressure')?.point)
      .toBe('s/z/lowest_pressure');
    expect(of('pressure', () => false)?.point).toBeUndefined();
  });

  it('are outside when they are', () => {
    expect(measuresOf(twins, () => true).filter(outside).map(({ key }) => key))
      .toEqual(['pressure', 'turbidity']);
  });

  it('are as good as the worst they are made of', () => {
    const bad = [twin('a', 'Works', { outflow: 1 }),
      twin('b', 'Works', { outflow: 2 }, { quality: 'bad.x' })];
    expect(measuresOf(bad, () => true)[0]).toMatchObject({ value: 3, quality: 'bad.x' });
  });
});

describe('metrics', () => {
  const text = '# TYPE a_total counter\na_total{qos="0"} 5\na_total{qos="1"} 7\n' +
    'h_sum 1.5\nh_count 3\nodd{x="a b"} 1e3\n';
  it('are read and summed over labels', () => {
    const metrics = readMetrics(text);
    expect(total(metrics, 'a_total')).toBe(12);
    expect(total(metrics, 'odd')).toBe(1000);
    expect(total(metrics, 'none')).toBeNaN();
  });
  it('grow at a rate, which is not known over a restart', () => {
    const at = (ms: number, count: number) => ({
      at: ms, metrics: readMetrics(`a_total ${count}\nh_sum ${count}\nh_count ${count * 2}`) });
    expect(rate(at(0, 10), at(2000, 30), 'a_total')).toBe(10);
    expect(rate(at(0, 30), at(2000, 10), 'a_total')).toBeNaN();
    expect(rate(null, at(0, 1), 'a_total')).toBeNaN();
    expect(meanOf(at(0, 10), at(1000, 20), 'h')).toBe(0.5);
    expect(meanOf(at(0, 10), at(1000, 10), 'h')).toBeNaN();
  });
});

describe('changes', () => {
  const audit = (time: string, action: string, target: string, old: unknown = 1): AuditRecord => ({
    time, actor: 'me', action, target, old, new: 2, result: 'ok', detail: '' });
  const event = (time: string, kind: string, path: string | null, result = 'ok'): TwinEvent => ({
    time, twin: 'a/t', kind, path, actor: 'me', before: 1, after: 2, result, detail: 'no' });
  it('are one list, newest first', () => {
    const all = changesOf([audit('2026-01-01T00:00:05Z', 'twin.update', 'twins/x'),
      audit('2026-01-01T00:00:01Z', 'twin.update', 'twins/y')],
    [event('2026-01-01T00:00:09Z', 'twin.update', 'p', 'refused')]);
    expect(all.map(({ target, failed }) => [target, failed])).toEqual(
      [['a/t p', true], ['x', false], ['y', false]]);
    expect(all[0]).toMatchObject({ detail: 'no', to: '/twin?id=a%2Ft' });
    expect(all[1]).toMatchObject({ detail: '1 → 2', to: '/twin?id=x' });
  });
  it('tell an order once, however its target is written', () => {
    const all = changesOf([audit('2026-01-01T00:00:01.400Z', 'command.give', 'twins/a/t/start'),
      audit('2026-01-01T00:00:01Z', 'twin.create', 'twins/a/t')],
    [event('2026-01-01T00:00:01Z', 'command.give', 'start'),
      event('2026-01-01T00:00:01Z', 'twin.create', null)]);
    expect(all.map(({ target }) => target).sort()).toEqual(['a/t', 'a/t start']);
    expect(changesOf([audit('2026-01-01T00:01:00Z', 'command.give', 'twins/a/t/start')],
      [event('2026-01-01T00:00:01Z', 'command.give', 'start')])).toHaveLength(2);
  });
  it('fold what an import makes', () => {
    const all = changesOf(['a', 'b', 'c'].map((name) =>
      audit('2026-01-01T00:00:01Z', 'model.put', name, null)), []);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ target: 'a', alike: 2, detail: '2' });
  });
  it('have words where there are some', () => {
    const has = (key: string): key is keyof typeof en => Object.hasOwn(en, key);
    expect(wordsOf('device.put_tag', has)).toEqual({ thing: 'thing_device', verb: 'verb_put_tag' });
    expect(wordsOf('mqtt.ban.create', has))
      .toEqual({ thing: 'thing_mqtt_ban', verb: 'verb_create' });
    expect(wordsOf('device.fly', has)).toBeNull();
    expect(wordsOf('nothing', has)).toBeNull();
  });
});

describe('the first command', () => {
  it('names the site that is there', () => {
    expect(filterOf(['a/x', 'b/y', 'b/z', 'lone'])).toBe('b/#');
    expect(filterOf(['lone'])).toBe('#');
    expect(filterOf([])).toBe('#');
  });
});

describe('devices', () => {
  it('are up when they have their link', () => {
    const device = (link: string | undefined, problem = '') => ({
      name: 'd', driver: 's7', enabled: true, problem,
      state: link ? { link, since: '', tags: 0, tags_bad: 0 } : undefined });
    expect(['connected', 'listening', 'connecting', 'down', 'disabled', undefined]
      .map((link) => isUp(device(link)))).toEqual([true, true, false, false, false, false]);
    expect(isUp(device('connected', 'refused'))).toBe(false);
  });
});

describe('rules', () => {
  const answer = (status: number, body: unknown) => vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(JSON.stringify(body), { status,
      headers: { 'content-type': 'application/json' } })));
  it('are none for whom they are not, which is no fault', async () => {
    answer(403, { status: 403, detail: 'not of your scope' });
    await expect(readRules()).resolves.toBeNull();
    answer(200, { items: [], next: null });
    await expect(readRules()).resolves.toEqual([]);
    answer(500, { status: 500, detail: 'broken' });
    await expect(readRules()).rejects.toThrow();
    vi.unstubAllGlobals();
  });
});
