import { describe, expect, it } from 'vitest';
import type { TimedNote } from '~/lib/notes';
import { playbackOf } from '../address';
import { readScene } from '../model/scene';
import { Replay } from '../sources/replay';
import { dayEnd, dayStart, dayText, hoursOf, momentOf, momentText } from './day';
import { marksOfNotes, marksOfRecords, type TwinEvent } from './events';
import { clustered, marksOfValues, neighbour, type Mark } from './marks';
import { advance } from './usePlayer';

const minute = 60e3;

describe('days', () => {
  const zone = 'Europe/Berlin';
  it('begin where people have them', () => {
    expect(new Date(dayStart('2026-03-01', zone)).toISOString()).toBe('2026-02-28T23:00:00.000Z');
    expect(dayText(Date.parse('2026-02-28T23:30:00Z'), zone)).toBe('2026-03-01');
    expect(momentText(Date.parse('2026-07-01T12:05:59Z'), 'Asia/Shanghai'))
      .toBe('2026-07-01T20:05');
  });
  it('are 23 and 25 hours long where the clock changes', () => {
    const long = (day: string) => (dayEnd(day, zone) - dayStart(day, zone)) / 3600e3;
    expect(['2026-03-29', '2026-10-25', '2026-06-01'].map(long)).toEqual([23, 25, 24]);
  });
  it('are told in full hours, at most eight', () => {
    const hours = (long: number) => hoursOf(0, long * 3600e3).map((time) => time / 3600e3);
    expect(hours(9.5)).toEqual([0, 2, 4, 6, 8]);
    expect(hours(24)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24]);
    expect(hours(1)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });
  it('take no moment from what is none', () => expect(momentOf('2026-13-', zone)).toBeNaN());
});

describe('playing', () => {
  it('moves within the day', () =>
    expect(advance(1000, 9000, 500, 1e9)).toEqual({ time: 1500, ended: false, over: false }));
  it('goes over into the next day, and ends at what there is of today', () => {
    expect(advance(8900, 9000, 500, 1e9)).toEqual({ time: 9000, ended: false, over: true });
    expect(advance(8900, 9000, 500, 9500)).toEqual({ time: 9000, ended: true, over: false });
  });
});

const model = readScene({
  format: 'headworks-scene/1',
  nodes: [{ id: 'tank', name: 'Tank', twin: 'w/tank', shape: { kind: 'tank' }, bindings: [
    { kind: 'fill', property: 'level', max: 5 },
    { kind: 'badge', property: 'level', when: { op: '<', value: 2 }, severity: 'high',
      text: 'low {value:.1f} {unit}', unit: 'm' },
  ] }],
} as never);

describe('the address', () => {
  const now = Date.parse('2026-11-27T10:00:00Z');
  it('plays a moment alone', () => {
    const of = (search: string) => playbackOf(new URLSearchParams(search), now);
    expect(of('at=now-1h&play=1')).toEqual({ at: now - 3_600_000, speed: 60, playing: true });
    expect(of('play=1')).toEqual({ at: null, speed: 60, playing: false });
    expect(of('at=never&play=1&speed=7').playing).toBe(false);
  });
});

describe('marks of values', () => {
  const make = (samples: [number, number | null, string?][]) => {
    const replay = new Replay(0, 24 * 3600e3);
    for (const [time, value, quality] of samples)
      replay.add('w/tank\nlevel', time * minute, value, quality ?? 'good');
    return marksOfValues(model, replay, 'si');
  };
  const rhythm = (to: number, from = 0, value = 3): [number, number][] =>
    Array.from({ length: (to - from) / 5 }, (_, i) => [from + i * 5 + 4.9, value]);
  it('tell where a trouble begins, in the words of the scene', () => {
    const marks = make([...rhythm(60), ...rhythm(120, 60, 1.5), ...rhythm(1440, 120)]);
    expect(marks).toMatchObject([
      { time: 64.9 * minute, kind: 'trouble', state: 'alarm', text: 'Tank: low 1.5 m',
        node: 'tank' }]);
  });
  it('do not tell of what held when the day began', () =>
    expect(make(rhythm(1440, 0, 1))).toEqual([]));
  it('do not tell a trouble by a bad value, but the bad value', () => {
    const marks = make([...rhythm(60), [62, 1, 'bad.sensor_failure'], [64.9, 3],
      ...rhythm(1440, 65)]);
    expect(marks).toMatchObject([{ kind: 'quality', time: 62 * minute, to: 64.9 * minute }]);
  });
  it('tell a silence', () => {
    const marks = make([...rhythm(60), ...rhythm(1440, 240)]);
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatchObject({ kind: 'quality', to: 244.9 * minute });
    expect(marks[0]?.time).toBeGreaterThan(59 * minute);
    expect(marks[0]?.time).toBeLessThan(63 * minute);
  });
});

const mark = (time: number, more: Partial<Mark> = {}): Mark =>
  ({ time, kind: 'order', state: 'idle', text: String(time), ...more });

describe('the slider', () => {
  it('joins what is too near to tell apart, by the worst of it', () => {
    const found = clustered([mark(0), mark(900, { state: 'warn' }), mark(950, { kind: 'note' }),
      mark(9000)], 240_000);
    expect(found.map((one) => [one.time, one.kind, one.state, one.marks.length])).toEqual([
      [0, 'order', 'warn', 2], [950, 'note', 'idle', 1], [9000, 'order', 'idle', 1]]);
  });
  it('goes from event to event', () => {
    const marks = [mark(1000), mark(5000), mark(9000)];
    expect(neighbour(marks, 5000, 1)?.time).toBe(9000);
    expect(neighbour(marks, 5000, -1)?.time).toBe(1000);
    expect(neighbour(marks, 9000, 1)).toBeNull();
  });
});

describe('marks of records', () => {
  const event = (more: Partial<TwinEvent>): TwinEvent => ({
    time: '2026-03-01T10:00:00Z', twin: 'w/tank', kind: 'twin.desired.set', path: 'level',
    actor: 'anna', before: null, after: 3, result: 'ok', detail: null, ...more,
  });
  it('know the equipment and what was refused', () => {
    const [first, second] = marksOfRecords(
      [event({}), event({ twin: 'w/x', kind: 'twin.update', result: 'refused' })], [], model);
    expect(first).toMatchObject({ kind: 'order', state: 'idle', node: 'tank',
      text: 'Tank level: twin.desired.set', detail: '3 · anna' });
    expect(second).toMatchObject({ kind: 'change', state: 'warn', node: undefined });
  });
  it('leave out what the audit says twice', () => {
    const audit = { time: '2026-03-01T10:00:00Z', actor: 'anna', action: 'twin.desired.set',
      target: 'twins/w/tank', old: null, new: 3, result: 'ok', detail: '' };
    const all = marksOfRecords([event({})],
      [audit, { ...audit, action: 'rule.create', target: 'rules/a' }], model);
    expect(all.map((one) => one.text)).toEqual(['Tank level: twin.desired.set',
      'rules/a: rule.create']);
  });
});

describe('notes', () => {
  const note = (more: Partial<TimedNote['note']>, from = 100, to: number | null = null) => ({
    from, to, note: {
      id: '1', from: '', to: null, text: 'pump smells', tags: [], points: [], twins: [], paths: [],
      author: 'anna', created_at: '', updated_at: '', updated_by: '', revision: 1, editable: true,
      ...more,
    },
  });
  it('stand on the slider with their text, who wrote them and what they are about', () => {
    const [first] = marksOfNotes([note({ points: ['w/tank/level'], tags: ['smell'] })], model,
      0, 1000);
    expect(first).toMatchObject({ time: 100, kind: 'note', node: 'tank', text: 'pump smells',
      detail: 'Note by anna · Tank · smell' });
  });
  it('begin and end with the day', () => {
    const [first] = marksOfNotes([note({}, -500, 5000)], model, 0, 1000);
    expect(first).toMatchObject({ time: 0, to: 1000, node: undefined });
  });
  it('of other sites are left out, of what is above are not', () => {
    const of = (paths: string[]) => marksOfNotes([note({ paths })], model, 0, 1000).length;
    expect([of(['w']), of(['w/tank']), of(['other']), of(['w/tanker']), of([])])
      .toEqual([1, 1, 0, 0, 1]);
  });
});
