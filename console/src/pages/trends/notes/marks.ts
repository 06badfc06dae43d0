import type { Note, TimedNote } from '~/lib/notes';
import { formatTime } from '~/lib/time';
import type { Marker, Range } from '../chart/types';
import { words } from '../words';
import { shortPath } from './draft';

// "27/11/2026, 06:10:00", or "... – 06:40:00" of a range within a day.
export function noteTime({ from, to }: TimedNote, zone: string): string {
  const begin = formatTime(from, 'full', zone);
  if (to === null) return begin;
  const day = (time: number) => formatTime(time, 'date', zone);
  return `${begin} – ${formatTime(to, day(from) === day(to) ? 'clock' : 'full', zone)}`;
}

// What it is about, for the eye: the first few, short.
export function aboutText(note: Note, most = 3): string {
  const all = [...note.points.map(shortPath), ...note.twins.map(shortPath),
    ...note.paths.map((path) => `${shortPath(path)}/…`)];
  if (all.length === 0) return words.now('noteSite');
  const rest = all.length - most;
  return all.slice(0, most).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

export const noteMarkers = (notes: TimedNote[]): Marker[] => notes.map(({ note, from, to }) => ({
  time: from, to: to ?? undefined, kind: 'note', failed: false, id: note.id, text: note.text,
  detail: [note.author, aboutText(note), note.tags.map((tag) => `#${tag}`).join(' ')]
    .filter(Boolean).join(' · '),
}));

// Those that touch the window itself, not only the margin that was asked for.
export const inWindow = (notes: TimedNote[], window: Range): TimedNote[] =>
  notes.filter(({ from, to }) => from <= window.to && (to ?? from) >= window.from);

// Lines under a picture of the chart.
export const pictureLines = (notes: TimedNote[], window: Range, zone: string,
  most = 12): string[] => {
  const shown = inWindow(notes, window);
  const lines = shown.slice(0, most).map((one) =>
    `${noteTime(one, zone)}  ${one.note.author}: ${one.note.text.replace(/\s+/g, ' ')}`
      .slice(0, 200));
  const rest = shown.length - lines.length;
  return rest > 0 ? [...lines, `+${rest}`] : lines;
};
