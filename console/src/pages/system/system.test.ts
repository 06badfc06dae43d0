import { describe, expect, it } from 'vitest';
import { changesOf, shortly } from './diff';
import { en } from './en';
import { expiryOf } from './KeyDialog';
import { keyState } from './Keys';
import { joined } from './Log';
import { byCount, fullness, plainName, type ApiKey, type LogLine, type Setting } from './model';
import { agentText } from './Sessions';
import { boundsOf, found } from './SettingsTable';
import { zh } from './zh';

describe('changes of the audit', () => {
  it('are told member by member', () => {
    expect(changesOf({ a: 1, b: { c: 'x', d: [1, 2] } }, { a: 1, b: { c: 'y', d: [1, 3, 4] } }))
      .toEqual([
        { path: 'b.c', old: 'x', new: 'y', kind: 'changed' },
        { path: 'b.d.1', old: '2', new: '3', kind: 'changed' },
        { path: 'b.d.2', old: '', new: '4', kind: 'added' },
      ]);
  });
  it('show what came and what went', () => {
    expect(changesOf(null, { name: 'a', n: 2 }).map((one) => [one.path, one.kind]))
      .toEqual([['name', 'added'], ['n', 'added']]);
    expect(changesOf({ name: 'a' }, null)).toEqual(
      [{ path: 'name', old: 'a', new: '', kind: 'removed' }]);
    expect(changesOf(4.5, 5)).toEqual([{ path: '', old: '4.5', new: '5', kind: 'changed' }]);
    expect(changesOf({ a: 1 }, { a: 1 })).toEqual([]);
  });
  it('are put shortly', () => {
    expect(shortly(changesOf({ a: 1, b: 2, c: 3, d: 4 }, { a: 2, b: 3, c: 4, d: 5 })))
      .toBe('a 1 → 2, b 2 → 3, c 3 → 4, +1');
    expect(shortly(changesOf(1, 2))).toBe('1 → 2');
  });
});

describe('health', () => {
  it('colours a queue only when it is nearly full', () => {
    expect(fullness(10, 100)).toEqual({ share: 0.1, kind: 'ok' });
    expect(fullness(80, 100).kind).toBe('warn');
    expect(fullness(100, 100).kind).toBe('alarm');
    expect(fullness(5, 0)).toEqual({ share: NaN, kind: 'ok' });
  });
  it('puts what was dropped most first', () => {
    const rows = [{ name: 'b', count: 0 }, { name: 'c', count: 2 }, { name: 'a', count: 0 }];
    expect(byCount(rows).map((row) => row.name)).toEqual(['c', 'a', 'b']);
    expect(plainName('headworks_broker_messages_dropped_total')).toBe('broker messages dropped');
  });
});

describe('the log', () => {
  const lines = (...numbers: number[]) => numbers.map((number): LogLine =>
    ({ number, time: '', level: 'info', room: '', message: '' }));
  const numbers = (all: LogLine[]) => all.map((line) => line.number);
  it('grows without doubles', () => {
    expect(numbers(joined(lines(1, 2), lines(2, 3)))).toEqual([1, 2, 3]);
    expect(numbers(joined(lines(1, 2), []))).toEqual([1, 2]);
  });
  it('begins anew with the server', () => {
    expect(numbers(joined(lines(80, 81), lines(1, 2)))).toEqual([1, 2]);
  });
});

describe('access', () => {
  const key = (change: Partial<ApiKey>): ApiKey => ({ id: '', name: '', role: 'viewer', scope: '#',
    enabled: true, expires: null, created: '', created_by: '', last_used: null, revision: 1,
    ...change });
  it('tells what a key is worth now', () => {
    const now = Date.parse('2026-11-27T00:00:00Z');
    expect(keyState(key({}), now)).toBe('enabled');
    expect(keyState(key({ enabled: false }), now)).toBe('disabled');
    expect(keyState(key({ expires: '2026-11-26T23:59:59Z' }), now)).toBe('expired');
    expect(expiryOf(7, now)).toBe('2026-12-04T00:00:00.000Z');
    expect(expiryOf(0, now)).toBeNull();
  });
  it('names browsers', () => {
    expect(agentText('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like ' +
      'Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0')).toBe('Edge 128, Windows');
    expect(agentText('Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'))
      .toBe('Firefox 130, Linux');
    expect(agentText('')).toBe('–');
  });
});

describe('settings', () => {
  const setting = (change: Partial<Setting>): Setting => ({ key: 'mqtt.port', type: 'integer',
    value: '1883', default: '1883', origin: 'default', where: 'default', help: 'TCP port',
    needs_restart: true, ...change });
  it('are found by key, help and value, or only those that differ', () => {
    const all = [setting({}), setting({ key: 'http.port', value: '18080', origin: 'flag' })];
    expect(found(all, 'TCP', false)).toHaveLength(2);
    expect(found(all, '18080', false).map((one) => one.key)).toEqual(['http.port']);
    expect(found(all, '', true).map((one) => one.key)).toEqual(['http.port']);
  });
  it('tell their bounds', () => {
    expect(boundsOf(setting({ least: 0, most: 65535 }))).toBe('0 … 65535');
    expect(boundsOf(setting({ choices: ['a', 'b'] }))).toBe('a, b');
    expect(boundsOf(setting({}))).toBe('');
  });
});

describe('words', () => {
  it('fill the same places in both languages', () => {
    const places = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(String).sort();
    for (const name of Object.keys(en) as (keyof typeof en)[])
      expect([name, places(zh[name])]).toEqual([name, places(en[name])]);
  });
});
