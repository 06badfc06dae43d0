import { describe, expect, it } from 'vitest';
import { timed, type Note } from '~/lib/notes';
import type { Pen, ShownPen } from '../chart/types';
import { heightOf, lanesOf } from '../chart/lanes';
import { placesOf } from '../chart/NoteMarks';
import { aboutChoices, draftOf, newDraft, specOf, type Draft } from './draft';
import { aboutText, inWindow, noteMarkers, noteTime, pictureLines } from './marks';

const hour = 3600e3;
const six = Date.parse('2026-11-27T06:00:00Z');

const note = (more: Partial<Note> = {}): Note => ({
  id: '1', from: '2026-11-27T06:10:00.250Z', to: null, text: 'washed', tags: [], points: [],
  twins: [], paths: [], author: 'anna', created_at: '2026-11-27T06:10:00Z',
  updated_at: '2026-11-27T06:10:00Z', updated_by: 'anna', revision: 1, editable: true, ...more,
});

const shownOf = (point: string, pen: Partial<Pen> = {}, twins?: string[]): ShownPen => ({
  pen: { point, aggregation: 'auto', look: 0, limits: [], ...pen }, track: undefined, unit: 'm',
  info: { type: 'double', unit: 'm', twins },
});

const window = { from: six, to: six + hour };
const shown = [shownOf('w/p1/f3/level', {}, ['w/p1/f3']), shownOf('w/p1/f3/flow', { hidden: true }),
  shownOf('w/p1/f3/level', { shift: '7d' })];

describe('a new note', () => {
  it('is of the cursor, about the points of the pens that are seen', () => {
    const draft = newDraft(shown, { cursor: six + 60e3, window, following: true }, 'UTC');
    expect(draft).toMatchObject({ range: false, from: '2026-11-27T06:01:00',
      about: ['p:w/p1/f3/level'] });
  });

  it('is of the window that was zoomed into where there is no cursor', () => {
    const draft = newDraft(shown, { cursor: null, window, following: false }, 'Asia/Shanghai');
    expect(draft).toMatchObject({ range: true, from: '2026-11-27T14:00:00',
      to: '2026-11-27T15:00:00' });
  });

  it('is of now while the chart follows', () => {
    expect(newDraft(shown, { cursor: null, window, following: true }, 'UTC')).toMatchObject({
      range: false, from: '2026-11-27T07:00:00' });
  });
});

describe('what is sent', () => {
  const draft: Draft = { text: ' washed \n', range: true, from: '2026-11-27T14:00:00',
    to: '2026-11-27T15:00:00', tags: ['wash'], about: ['p:w/x', 't:w/f3', 'w:w/p1'] };

  it('has times of the zone and lists by kind', () => {
    expect(specOf(draft, 'Asia/Shanghai')).toEqual({
      text: 'washed', tags: ['wash'], from: '2026-11-27T06:00:00.000Z',
      to: '2026-11-27T07:00:00.000Z', points: ['w/x'], twins: ['w/f3'], paths: ['w/p1'] });
    expect(specOf({ ...draft, range: false, about: [] }, 'UTC')).toMatchObject({
      to: null, points: [], twins: [], paths: [] });
  });

  it('names the field that is wrong', () => {
    expect(specOf({ ...draft, text: ' ' }, 'UTC')).toBe('text');
    expect(specOf({ ...draft, from: '' }, 'UTC')).toBe('from');
    expect(specOf({ ...draft, to: draft.from }, 'UTC')).toBe('to');
    expect(specOf({ ...draft, to: '', range: false }, 'UTC')).toMatchObject({ to: null });
  });

  it('keeps the fractions of times that were not touched', () => {
    const before = note();
    const edited = { ...draftOf(before, 'UTC'), text: 'washed twice' };
    expect(specOf(edited, 'UTC', before)).toMatchObject({ from: before.from, to: null });
    expect(specOf({ ...edited, from: '2026-11-27T06:11:00' }, 'UTC', before)).toMatchObject({
      from: '2026-11-27T06:11:00.000Z' });
  });
});

it('offers points, equipment, places above, and what the note has beside', () => {
  const { points, twins, paths } = aboutChoices(shown, ['w:other', 't:w/p1/f4']);
  expect(points.map(({ value }) => value)).toEqual(['p:w/p1/f3/level', 'p:w/p1/f3/flow']);
  expect(twins.map(({ value }) => value)).toEqual(['t:w/p1/f3', 't:w/p1/f4']);
  expect(paths.map(({ label }) => label)).toEqual(['other/…', 'w/…', 'w/p1/…', 'w/p1/f3/…']);
});

describe('notes on the chart', () => {
  const range = note({ id: '2', to: '2026-11-27T06:40:00Z', points: ['w/p1/f3/level'],
    twins: ['w/p1/f3'], paths: ['w/p1', 'w/p2'], tags: ['wash'] });
  const notes = [timed(note()), timed(range)];

  it('say who, what about and when', () => {
    expect(noteMarkers(notes)[1]).toMatchObject({ kind: 'note', id: '2', text: 'washed',
      to: six + 40 * 60e3, detail: 'anna · f3/level, p1/f3, w/p1/… +1 · #wash' });
    expect(aboutText(note())).toBe('the site');
    expect(noteTime(timed(range), 'UTC')).toBe('2026-11-27 06:10:00 – 06:40:00');
  });

  it('are in view where they touch it', () => {
    const ids = (from: number, to: number) =>
      inWindow(notes, { from: six + from * 60e3, to: six + to * 60e3 })
        .map((one) => one.note.id);
    expect(ids(0, 60)).toEqual(['1', '2']);
    expect(ids(20, 30)).toEqual(['2']);
    expect(ids(41, 60)).toEqual([]);
  });

  it('can be pointed at, cut at the edges', () => {
    const marks = noteMarkers(notes);
    const [moment, wide] = placesOf(marks, { from: six, to: six + hour }, 600);
    expect(moment?.width).toBe(18);
    expect(wide?.left).toBeCloseTo(91, 0);
    expect(wide?.width).toBeCloseTo(318, 0);
    const cut = placesOf(marks, { from: six + 30 * 60e3, to: six + 35 * 60e3 }, 600);
    expect(cut).toHaveLength(1);
    expect(cut[0]).toMatchObject({ left: -9, width: 618 });
  });

  it('have a lane apart from that of events', () => {
    const marks = noteMarkers(notes);
    const event = { time: six, kind: 'audit' as const, text: '', detail: '', failed: false };
    const kinds = (all: typeof marks) => lanesOf([], [], window, all).map(({ kind }) => kind);
    expect(kinds(marks)).toEqual(['notes']);
    expect(kinds([event])).toEqual(['events']);
    expect(kinds([...marks, event])).toEqual(['notes', 'events']);
    expect(heightOf(lanesOf([], [], window, []))).toBe(0);
  });

  it('are lines under a picture, so many', () => {
    const many = Array.from({ length: 14 }, (_, i) => timed(note({ id: String(i),
      text: 'one\ntwo' })));
    const lines = pictureLines(many, window, 'UTC');
    expect(lines).toHaveLength(13);
    expect(lines[0]).toBe('2026-11-27 06:10:00  anna: one two');
    expect(lines[12]).toBe('+2');
  });
});
