import { describe, expect, it } from 'vitest';
import { freeId, specOf, type RuleFigures } from './data';
import { furtherOf, innerKinds, withSetting } from './editor/actionKinds';
import {
  aliases, membersOf, placeIn, sourceKind, streamColumns, suggest, type Sources,
} from './editor/complete';
import { placeOfOperator, spanOf } from './editor/locate';
import { levelsOf } from './editor/topics';
import { fieldOf, isBackward, rangesOf, textOf, withMember } from './editor/schedule';
import { readSample, sourcesIn, topicOf } from './editor/trial';
import { figuresOf, flowOf } from './flow/graph';
import { orderBody, rowOf, tapRows } from './flow/taps';
import { previewOf, readSet, streamName } from './preview';
import { pushPath } from './parts/PushBox';
import { columnsOfRows } from './parts/RowsTable';
import { advance, keepMs } from './rates';
import { convertedUnit, forPoint, fromTemplate, limitFor, templateIds } from './templates';

const sources: Sources = {
  functions: [
    { name: 'abs', type: 'scalar', group: 'm', origin: 'EMQX', signature: 'abs(x)', help: 'h',
      example: '', example_result: '' },
    { name: 'pi', type: 'scalar', group: 'm', origin: 'EMQX', signature: 'pi()', help: 'h',
      example: '', example_result: '' },
  ],
  streams: [{ name: 'pumps', table: false,
    sql: 'CREATE STREAM pumps (id BIGINT, at STRUCT(x FLOAT, y FLOAT)) WITH (DATASOURCE="a")' }],
  schemas: ['reading'], members: ['temp', 'deep', 'deep.inner'],
};

describe('completion', () => {
  const labels = (before: string) =>
    suggest(placeIn(before), before, sources).map((one) => one.label);
  it('knows where it is', () => {
    expect(placeIn('SELECT a FROM "pla')).toMatchObject({ kind: 'topic', typed: 'pla' });
    expect(placeIn("SELECT a FROM points('x/y', 'z/")).toMatchObject({
      kind: 'topic', typed: 'z/' });
    expect(placeIn("SELECT a FROM \"x\" WHERE topic =~ 'pl")).toMatchObject({ kind: 'topic' });
    expect(placeIn("SELECT a FROM \"x\" WHERE name = 'pl").kind).toBe('text');
    expect(placeIn("SELECT schema_decode('re").kind).toBe('schema');
    expect(placeIn('SELECT a -- what').kind).toBe('comment');
    expect(placeIn('SELECT a /* what').kind).toBe('comment');
    expect(placeIn("SELECT 'it''s' AS a, b").kind).toBe('anything');
    expect(placeIn('SELECT a FROM ').kind).toBe('source');
    expect(placeIn('SELECT a FROM x WHERE b').kind).toBe('anything');
    expect(placeIn('SELECT payload.te')).toMatchObject({ kind: 'member', owner: 'payload' });
  });
  it('offers what may stand there', () => {
    expect(labels('SELECT ab')).toContain('abs');
    expect(labels('SELECT a FROM ')).toContain('pumps');
    expect(labels('SELECT payload.')).toEqual(['temp', 'deep']);
    expect(labels('SELECT payload.deep.')).toEqual(['inner']);
    expect(labels('SELECT id FROM pumps WHERE ')).toEqual(expect.arrayContaining(['id', 'at']));
    expect(labels("SELECT a FROM points('x') WHERE ")).toContain('quality');
    expect(labels("SELECT schema_decode('")).toEqual(['reading']);
    expect(labels("SELECT 'te")).toEqual([]);
  });
  it('puts the cursor between the parentheses', () => {
    const all = suggest(placeIn('SELECT '), 'SELECT ', sources);
    expect(all.find((one) => one.label === 'abs')).toMatchObject({ insert: 'abs()', back: 1 });
    expect(all.find((one) => one.label === 'pi')).toMatchObject({ insert: 'pi()', back: 0 });
  });
  it('reads statements', () => {
    expect(streamColumns(sources.streams[0]?.sql ?? '')).toEqual(['id', 'at']);
    expect(streamColumns('CREATE STREAM a () WITH (X="y")')).toEqual([]);
    expect(aliases('SELECT a AS 流量, b as c FROM x')).toEqual(['流量', 'c']);
    expect(sourceKind('SELECT * FROM "$events/client/connected"')).toBe('events');
    expect(sourceKind('SELECT 1')).toBe('none');
    expect(membersOf('{"a":{"b":1},"c":[1]}')).toEqual(['a', 'a.b', 'c']);
    expect(membersOf('no json')).toEqual([]);
  });
  it('makes levels of paths', () =>
    expect(levelsOf(['a/b/c', 'a/b', 'a/d/e', 'x'], 'a')).toEqual([
      { name: 'b', topic: 'a/b', has_below: true, points: 2, is_point: true },
      { name: 'd', topic: 'a/d', has_below: true, points: 1, is_point: false },
    ]));
});

describe('places', () => {
  it('of lines and columns, in characters', () => {
    expect(spanOf('SELECT a\nGROUB BY b', 2, 1)).toEqual({ from: 9, to: 14 });
    expect(spanOf('𝄞 bad', 1, 3)).toEqual({ from: 3, to: 6 });
    expect(spanOf('SELECT', 1, 7)).toEqual({ from: 5, to: 6 });
    expect(spanOf('', 5, 5)).toEqual({ from: 0, to: 0 });
  });
  it('of operators', () => {
    const sql = "SELECT 'where' AS w FROM \"a\"\nWHERE x > 1 GROUP BY TUMBLINGWINDOW(ss, 10)";
    const text = (name: string, detail = '') => {
      const span = placeOfOperator(sql, name, detail);
      return span ? sql.slice(span.from, span.to) : null;
    };
    expect(text('filter')).toBe('WHERE x > 1');
    expect(text('window')).toBe('TUMBLINGWINDOW(ss, 10)');
    expect(text('source')).toBe('FROM "a"');
    expect(text('having')).toBeNull();
    expect(text('anything', 'x > 1')).toBe('x > 1');
  });
});

describe('the flow', () => {
  const plan = [
    { id: 0, name: 'source', detail: '"a"', inputs: [] },
    { id: 1, name: 'source', detail: '"b"', inputs: [] },
    { id: 2, name: 'join', detail: '', inputs: [0, 1] },
    { id: 3, name: 'project', detail: 'a', inputs: [2] },
  ];
  it('is the plan and the actions', () => {
    const flow = flowOf(plan, [
      { type: 'republish', topic: 't' }, { type: 'kafka', fallback: { type: 'console' } }]);
    expect(flow.nodes.map((one) => one.id)).toEqual(['o0', 'o1', 'o2', 'o3', 'a0', 'a1', 'a1f']);
    expect(flow.edges.map((one) => one.id)).toEqual(
      ['o0-o2', 'o1-o2', 'o2-o3', 'o3-a0', 'o3-a1', 'a1-a1f']);
    const y = (id: string) => flow.nodes.find((one) => one.id === id)?.y ?? NaN;
    expect(y('o2')).toBeGreaterThan(y('o0'));
    expect(y('a0')).toBeGreaterThan(y('o3'));
  });
  it('knows the figures of fallbacks', () => {
    const one = { type: 'a', name: 'a', rows: 3, sent: 0, failed: 0, skipped: 0, dropped: 0,
      queued: 0, last_error: '' };
    const all = [one, { ...one, fallback: { ...one, rows: 2, fallback: { ...one, rows: 1 } } }];
    expect(figuresOf(all, { action: 1 })?.rows).toBe(3);
    expect(figuresOf(all, { action: 1, fallback: 2 })?.rows).toBe(1);
    expect(figuresOf(all, { action: 0, fallback: 1 })).toBeUndefined();
    expect(figuresOf(all, {})).toBeUndefined();
  });
  it('is nothing without a plan', () => expect(flowOf([], []).nodes).toEqual([]));
  it('tells what a trace says of a line', () => {
    // As the server writes it: steps of operators that saw something, filters with true or false.
    const event = { at: 'source', outcome: 'points', data: '{"v":1}' };
    const source = { at: 'source', outcome: '1 in, 1 out', data: '"a"', operator: 0,
      rows: [{ v: 1 }] };
    const kept = { number: 1, time: 't', steps: [
      event, source, { at: 'filter', outcome: 'true', operator: 1, rows: [{ v: 1 }] },
      { at: 'window', outcome: '1 in, 0 out', operator: 2, rows: [] }] };
    const left = { number: 2, time: 't', steps: [
      event, source, { at: 'filter', outcome: 'false', operator: 1, rows: [] }] };
    const passed = (operator: number) =>
      tapRows([kept, left], { operator }).map((row) => row.passed);
    expect(passed(0)).toEqual([true, true]);
    expect(passed(1)).toEqual([true, false]);
    expect(passed(2)).toEqual([false, false]);
    expect(passed(3)).toEqual([false, false]);
    expect(tapRows([kept], { operator: 1 })[0]?.rows).toEqual([{ v: 1 }]);
    const whole = { ...kept, steps: [...kept.steps, { at: 'row', outcome: 'out', data: '{"n":2}' },
      { at: 'action keep', outcome: 'handed on' }] };
    expect(tapRows([whole], { action: 'keep' })[0]).toMatchObject({
      passed: true, rows: [{ n: 2 }], event: '{"v":1}' });
    expect(tapRows([whole], { action: 'other' })[0]).toMatchObject({ passed: false, rows: [] });
    expect(tapRows([{ number: 1, time: 't', steps: [] }], { action: 'keep' })[0]).toMatchObject({
      passed: false, event: '', rows: [] });
  });
  it('reads rows that were cut as text', () => {
    expect(rowOf('{"a":1}')).toEqual({ a: 1 });
    expect(rowOf('{"a":"lon...')).toEqual({ '': '{"a":"lon...' });
    expect(rowOf('[1]')).toEqual({ '': [1] });
    expect(rowOf(undefined)).toEqual({ '': '' });
  });
  it('asks for a topic and a client only where they are given', () => {
    expect(orderBody({ topic: ' ', clientid: '', events: 20 })).toEqual(
      { events: 20, duration: '1m' });
    expect(orderBody({ topic: 'a/#', clientid: 'c', events: 1000 })).toEqual(
      { events: 1000, duration: '10m', topic: 'a/#', clientid: 'c' });
  });
});

describe('the schedule', () => {
  it('has ranges in its own zone, or as they are', () => {
    expect(fieldOf('2026-03-01 06:00:00')).toBe('2026-03-01T06:00:00');
    expect(fieldOf('2026-03-01T06:00')).toBe('2026-03-01T06:00:00');
    expect(fieldOf('2026-03-01T06:00:00Z')).toBeNull();
    expect(fieldOf('')).toBe('');
    expect(textOf('2026-03-01T06:00')).toBe('2026-03-01 06:00:00');
    expect(textOf('2026-03-01T06:00:30')).toBe('2026-03-01 06:00:30');
    expect(textOf('')).toBe('');
  });
  it('tells a range that ends before it begins', () => {
    const range = (begin: string, end: string) => isBackward({ begin, end });
    expect(range('2026-03-02 06:00:00', '2026-03-01 06:00:00')).toBe(true);
    expect(range('2026-03-01 06:00:00', '2026-03-01 07:00:00')).toBe(false);
    expect(range('2026-03-02T00:00:00Z', '2026-03-01 06:00:00')).toBe(false);
    expect(range('', '')).toBe(false);
  });
  it('is left out where nothing is set', () => {
    expect(withMember({ cron: '0 6 * * *' }, 'cron', '')).toBeUndefined();
    expect(withMember({ cron: 'x' }, 'ranges', [])).toEqual({ cron: 'x' });
    expect(withMember({}, 'duration', '8h')).toEqual({ duration: '8h' });
    expect(rangesOf({ ranges: [{ begin: 'a' }] })).toEqual([{ begin: 'a', end: '' }]);
    expect(rangesOf({ ranges: 'no' })).toEqual([]);
  });
});

describe('rates', () => {
  const at = (since: string, count: number, rows = 0, mean = 0) => ({
    since, in: count, passed: count / 2, failed: 0, latency: { count: rows, mean_ms: mean },
  }) as RuleFigures;
  it('come from two polls', () => {
    const first = advance(undefined, at('a', 100), 1000);
    expect(first.points).toEqual([]);
    const second = advance(first, at('a', 160, 10, 2), 4000);
    expect(second.points[0]).toMatchObject({ in: 20, passed: 10, failed: 0, latencyMs: 2 });
    expect(advance(second, at('a', 160, 30, 4), 7000).points[1]).toMatchObject({
      in: 0, latencyMs: 5 });
  });
  it('have a gap where the rule began anew', () => {
    const track = advance(advance(undefined, at('a', 100), 0), at('b', 5), 3000);
    expect(track.points[0]?.in).toBeNaN();
    expect(advance(advance(undefined, at('a', 100), 0), at('a', 5), 3000).points[0]?.in).toBeNaN();
  });
  it('are kept for some minutes', () => {
    let track = advance(undefined, at('a', 0), 0);
    for (let i = 1; i <= 400; i++) track = advance(track, at('a', i), i * 3000);
    expect(track.points.length).toBeLessThanOrEqual(keepMs / 3000 + 2);
  });
  it('ignore a clock that stands or goes back', () => {
    const track = advance(undefined, at('a', 0), 5000);
    expect(advance(track, at('a', 9), 5000)).toBe(track);
  });
});

describe('a dry run', () => {
  it('takes messages, payloads and lines', () => {
    expect(readSample('{"t":1}', 'x').messages).toEqual([{ topic: 'x', payload: { t: 1 } }]);
    expect(readSample('{"topic":"a","payload":1}\n\n{"t":2}', 'x').messages).toEqual([
      { topic: 'a', payload: 1 }, { topic: 'x', payload: { t: 2 } }]);
    expect(readSample('[1, 2]', 'x').messages.length).toBe(2);
    expect(readSample('plain\n12', 'x').messages).toEqual([
      { topic: 'x', payload: 'plain' }, { topic: 'x', payload: 12 }]);
    expect(readSample('  ', 'x').messages).toEqual([]);
  });
  it('says which line is no JSON', () =>
    expect(readSample('{"a":1}\n{"a":', 'x').flaw?.line).toBe(2));
  it('finds the sources', () => {
    expect(sourcesIn(["points('a/+', 'b')"])).toEqual({ points: true, filters: ['a/+', 'b'] });
    expect(sourcesIn(['"a/#"', '"$sources/k"'])).toEqual({ points: false, filters: ['a/#'] });
    expect(topicOf('a/+/#')).toBe('a/a/a');
  });
  it('has all columns of its rows', () =>
    expect(columnsOfRows([{ a: 1 }, { b: 1, a: 2 }])).toEqual(['a', 'b']));
});

describe('templates', () => {
  const point = { point: "w/it's/flow", type: 'double', unit: 'l/s', value: 88.6, quality: 'good',
    time: '', first_time: '', last_time: '', count: 1 };
  it('are rules of the point', () => {
    for (const id of templateIds) {
      const spec = fromTemplate(id, point);
      expect(spec.id).toMatch(/^[\w.:-]{1,128}$/);
      expect(spec.sql).toContain("it''s");
      expect(spec.actions.length).toBe(1);
    }
    expect(forPoint('a/b').sql).toContain("points('a/b')");
  });
  it('choose limits and units with sense', () => {
    expect(limitFor(88.6)).toBe(110);
    expect(limitFor(-10)).toBe(-8);
    expect(limitFor('x')).toBe(1);
    expect(convertedUnit('bar')).toEqual(['bar', 'kPa']);
    expect(fromTemplate('total', { ...point, unit: 'm3' }).sql).toContain('first_value');
  });
});

describe('rules', () => {
  it('are saved without what the server adds', () =>
    expect(specOf({ id: 'a', sql: 's', actions: [], enable: true, description: '', tags: [],
      options: {}, version: 3, status: 'running', created_at: '', updated_at: '',
      updated_by: '' })).toEqual({ id: 'a', sql: 's', actions: [], enable: true, description: '',
      tags: [], options: {} }));
  it('have copies with free names', () => {
    expect(freeId('a', new Set())).toBe('a_copy');
    expect(freeId('a_copy', new Set(['a_copy']))).toBe('a_copy2');
  });
  it('are read from what people have', () => {
    expect(readSet('{"sql":"x"}').rules.length).toBe(1);
    expect(readSet('[{"sql":"x"}]').rules.length).toBe(1);
    expect(readSet('{"rules":[],"streams":[1]}').streams.length).toBe(1);
    expect(() => readSet('12')).toThrow();
  });
  it('keep settings that no form shows', () => {
    const properties = innerKinds.republish ?? [];
    const action = { type: 'republish', topic: 't', user_properties: { a: 'b' } };
    expect(furtherOf(action, properties)).toEqual({ user_properties: { a: 'b' } });
    const retain = properties.find((one) => one.name === 'retain');
    if (!retain) throw new Error('no retain');
    const on = withSetting(action, retain, true);
    expect(on.retain).toBe(true);
    expect('retain' in withSetting(on, retain, false)).toBe(false);
  });
});

describe('an import', () => {
  const rule = (id: string, sql: string) => ({ id, sql, actions: [], enable: true,
    description: '', tags: [], options: {} });
  const known = {
    rules: [{ ...rule('a', 'SELECT 1'), version: 3, status: 'running' } as never],
    streams: [{ name: 's', sql: 'CREATE STREAM s ()' }], connectors: [{ name: 'c', kind: 'mqtt' }],
  };
  it('is told before it is done', () => {
    const fates = previewOf({
      rules: [{ sql: 'SELECT 1', id: 'a' }, rule('a', 'SELECT 2'), rule('b', 'x'), { id: 'c' }],
      streams: [{ sql: 'CREATE STREAM s ()' }, { sql: 'create table `t` ()' }],
      connectors: [{ kind: 'mqtt', name: 'c' }, { name: 'd' }],
    }, known).map(({ kind, name, fate }) => `${kind} ${name} ${fate}`);
    expect(fates).toEqual(['rule a same', 'rule a changed', 'rule b new', 'rule c broken',
      'stream s same', 'stream t new', 'connector c same', 'connector d new']);
  });
  it('knows the name that a statement gives', () => {
    expect(streamName('CREATE STREAM  pumps (a BIGINT)')).toBe('pumps');
    expect(streamName('SELECT 1')).toBe('');
  });
});

describe('a stream of pushed messages', () => {
  it('has a path', () => {
    expect(pushPath('CREATE STREAM s () WITH (TYPE="http_push", PATH="/plant1/x")'))
      .toBe('plant1/x');
    expect(pushPath("create stream s () with (type='http_push')")).toBe('');
    expect(pushPath('CREATE STREAM s () WITH (DATASOURCE="a")')).toBeNull();
  });
});
