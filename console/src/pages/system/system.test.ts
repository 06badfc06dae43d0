import { describe, expect, it } from 'vitest';
import { windowOf } from './Audit';
import { checkNames, checksOf, forecastOf, marked } from './checks';
import { changesOf, shortly } from './diff';
import { en } from './en';
import { expiryOf } from './KeyDialog';
import { keyState } from './Keys';
import { branchesOf, largestOf } from './largestOf';
import { joined } from './Log';
import { makePassword } from './makePassword';
import { byCount, fullness, plainName, type ApiKey, type LogLine, type Setting,
  type SystemFacts } from './model';
import { agentText } from './Sessions';
import { boundsOf, found } from './SettingsTable';
import { shellWord } from './Storage';
import { partiesOf } from './thirdParties';
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

const facts = (change: Partial<Record<keyof SystemFacts, unknown>> = {}): SystemFacts => ({
  process: { open_files: 50, open_files_limit: 1000 },
  machine: { memory_bytes: 100, memory_available_bytes: 50 },
  storage: { data_bytes: 8e9, disk_free_bytes: 60e9, disk_total_bytes: 100e9 },
  history: { health: 'ok', reason: '', points: 5, points_limit: 100,
    oldest_sample: '2026-11-19T00:00:00Z' },
  queues: [{ name: 'journal', unit: 'bytes', depth: 99, limit: 100 },
    { name: 'rules', unit: 'bytes', depth: 1, limit: 100 }],
  reactors: [{ name: 'http', lag_ms: 0, lag_ms_worst: 3 }],
  clock: { synchronised: true, error_ms: 0, error_ms_most: 1 }, ...change,
} as unknown as SystemFacts);

describe('checks', () => {
  const kinds = (change: Parameters<typeof facts>[0]) => checksOf(facts(change))
    .filter((one) => one.kind !== 'ok').map((one) => `${one.name} ${one.kind}`);
  it('are quiet where all is well, a full journal too', () => expect(kinds({})).toEqual([]));
  it('say what is not well', () => {
    expect(kinds({ storage: { data_bytes: 1, disk_free_bytes: 4, disk_total_bytes: 100 } }))
      .toEqual(['disk alarm']);
    expect(kinds({ queues: [{ name: 'rules', unit: 'bytes', depth: 85, limit: 100 }] }))
      .toEqual(['queues warn']);
    expect(kinds({ clock: { synchronised: false, error_ms: 1, error_ms_most: 16000 } }))
      .toEqual(['clock warn']);
    expect(kinds({ history: { health: 'failing', reason: 'disk', points: 1, points_limit: 0,
      oldest_sample: null } })).toEqual(['history alarm']);
  });
  it('mark every page only with what is worth it', () => {
    const bad = facts({ clock: { synchronised: false, error_ms: 1, error_ms_most: 2 },
      machine: { memory_bytes: 100, memory_available_bytes: 1 } });
    expect(marked(checksOf(bad)).map((one) => one.name)).toEqual(['memory']);
  });
  it('each have their texts', () => {
    for (const name of checkNames)
      expect([en[`check_${name}`], en[`is_${name}`], en[`todo_${name}`]].every(Boolean)).toBe(true);
  });
});

describe('the disk', () => {
  it('lasts as long as the growth until now lets it', () => {
    const now = Date.parse('2026-11-27T00:00:00Z');
    expect(forecastOf(facts(), now)).toEqual({ perDay: 1e9, days: 60 });
    expect(forecastOf(facts({ history: { oldest_sample: null } }), now).days).toBeNaN();
    expect(forecastOf(facts(), Date.parse('2026-11-19T01:00:00Z')).days).toBeNaN();
  });
  it('is filled by branches', () => {
    const points = [{ point: 'a/b/c', count: 5 }, { point: 'a/b/d', count: 6 },
      { point: 'x', count: 40 }];
    expect(branchesOf(points)).toEqual([{ path: 'x', points: 1, count: 40 },
      { path: 'a/b/#', points: 2, count: 11 }]);
    expect(largestOf(points, 1)).toEqual([{ point: 'x', count: 40 }]);
    const many = Array.from({ length: 90 }, (_, i) => ({ point: `p${i}/a/b`, count: 1 }));
    expect(branchesOf(many)).toHaveLength(30);
    expect(branchesOf(many).reduce((sum, one) => sum + one.points, 0)).toBe(90);
  });
});

describe('small things', () => {
  it('passwords are made of letters that can be told apart', () => {
    let next = 0;
    const text = makePassword((bytes) => bytes.forEach((_, i) => { bytes[i] = next++ % 256; }));
    expect(text).toMatch(/^([a-hj-km-np-z2-9]{5}-){3}[a-hj-km-np-z2-9]{5}$/);
    expect(makePassword((bytes) => bytes.forEach((_, i) => { bytes[i] = i % 2 ? 255 : 0; })))
      .toBe('aaaaa-aaaaa-aaaaa-aaaaa');
  });
  it('a folder is one word of the shell', () => {
    expect(shellWord('/backups/monday')).toBe('/backups/monday');
    expect(shellWord("/it's here; rm")).toBe("'/it'\\''s here; rm'");
  });
  it('the window of the audit is relative or of one’s own', () => {
    expect(windowOf('7d', '', '')).toEqual({ from: 'now-7d' });
    expect(windowOf('own', '2026-11-01T00:00:00.000Z', '')).toEqual(
      { from: '2026-11-01T00:00:00.000Z' });
    expect(windowOf('own', '', '2026-11-02T00:00:00.000Z')).toEqual(
      { from: 'now-7d', to: '2026-11-02T00:00:00.000Z' });
  });
  it('third parties are read from their page', () => {
    expect(partiesOf('# T\n\n## In it\n\n| a | b |\n|---|---|\n| `x` 1 | MIT |\n\ntext')).toEqual([
      { title: 'In it', head: ['a', 'b'], rows: [['x 1', 'MIT']] }]);
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
