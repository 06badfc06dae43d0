import type { Note, NoteSpec } from '~/lib/notes';
import type { Range, ShownPen } from '../chart/types';
import { fromZone, inZone } from '../zone';

// A note while it is being written. Times are wall clocks of the page's zone, as their fields have
// them; what it is about are keys: "p:" a point, "t:" a twin, "w:" a beginning of paths.
export interface Draft {
  text: string;
  range: boolean;
  from: string;
  to: string;
  tags: string[];
  about: string[];
}

export interface Choice {
  value: string;
  label: string;
}

const keys = (mark: string, names: string[]) => names.map((name) => `${mark}:${name}`);
const namesOf = (mark: string, about: string[]) =>
  about.filter((one) => one.startsWith(`${mark}:`)).map((one) => one.slice(2));
const unique = <T>(all: T[]): T[] => [...new Set(all)];

export const aboutKeys = (note: Note): string[] => [
  ...keys('p', note.points), ...keys('t', note.twins), ...keys('w', note.paths)];

// Of where the cursor is or, with none, of the window that was zoomed into, or of now.
export function newDraft(shown: ShownPen[], at: { cursor: number | null; window: Range;
  following: boolean }, zone: string): Draft {
  const moment = at.cursor ?? (at.following ? at.window.to : null);
  return {
    text: '', range: moment === null, tags: [],
    from: inZone(moment ?? at.window.from, zone), to: inZone(at.window.to, zone),
    about: keys('p', unique(shown.filter(({ pen }) => !pen.hidden).map(({ pen }) => pen.point))),
  };
}

export function draftOf(note: Note, zone: string): Draft {
  const from = Date.parse(note.from);
  const to = note.to ? Date.parse(note.to) : from + 3600e3;
  return {
    text: note.text, range: note.to !== null, from: inZone(from, zone), to: inZone(to, zone),
    tags: note.tags, about: aboutKeys(note),
  };
}

export type DraftFlaw = 'text' | 'from' | 'to';

// What the server shall have, or which field is wrong. A time that was not touched keeps its
// fractions of a second.
export function specOf(draft: Draft, zone: string, before?: Note): NoteSpec | DraftFlaw {
  const kept = (wall: string, text: string | null | undefined) =>
    text && inZone(Date.parse(text), zone) === wall ? text : undefined;
  const from = fromZone(draft.from, zone);
  const to = fromZone(draft.to, zone);
  if (!draft.text.trim()) return 'text';
  if (!Number.isFinite(from)) return 'from';
  if (draft.range && !(to > from)) return 'to';
  return {
    text: draft.text.trim(), tags: draft.tags,
    from: kept(draft.from, before?.from) ?? new Date(from).toISOString(),
    to: draft.range ? kept(draft.to, before?.to) ?? new Date(to).toISOString() : null,
    points: namesOf('p', draft.about), twins: namesOf('t', draft.about),
    paths: namesOf('w', draft.about),
  };
}

// The last two levels: enough to know it among its like.
export const shortPath = (path: string): string => path.split('/').slice(-2).join('/');

// All that a note of these pens may be about: their points, what they feed, the places above; and
// what the note has that is none of these.
export function aboutChoices(shown: ShownPen[], chosen: string[]):
  { points: Choice[]; twins: Choice[]; paths: Choice[] } {
  const points = unique([...shown.map(({ pen }) => pen.point), ...namesOf('p', chosen)]);
  const twins = unique([...shown.flatMap(({ info }) => info.twins ?? []), ...namesOf('t', chosen)]);
  const above = points.flatMap((point) => point.split('/').slice(0, -1)
    .map((_, i, levels) => levels.slice(0, i + 1).join('/')));
  const paths = unique([...above, ...namesOf('w', chosen)]).sort();
  const choices = (mark: string, names: string[], end = ''): Choice[] =>
    names.map((name) => ({ value: `${mark}:${name}`, label: name + end }));
  return { points: choices('p', points), twins: choices('t', twins),
    paths: choices('w', paths, '/…') };
}
