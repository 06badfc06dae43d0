import { keepPreviousData, useQuery, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson, query, sendJson, type Schemas } from './api';
import { parseTime } from './time';

// What people wrote down about a time: on the axis of charts and sliders.
export type Note = Schemas['Note'];
export type NoteSpec = Schemas['NoteSpec'];

export interface TimedNote {
  note: Note;
  from: number; // epoch ms
  to: number | null; // null: a moment
}

// What the notes shall concern: they are about one of these, or about something above it; those
// about the whole site come too.
export interface About {
  points?: string[];
  twins?: string[];
  paths?: string[];
}

export interface Notes {
  notes: TimedNote[]; // the earliest first
  more: boolean; // there are more than were asked for
  error: unknown;
}

export const notesLimit = 500;
const askEveryMs = 10_000;
const key = 'notes';

export const refreshNotes = (client: QueryClient) =>
  client.invalidateQueries({ queryKey: [key] });

export const timed = (note: Note): TimedNote =>
  ({ note, from: parseTime(note.from), to: note.to ? parseTime(note.to) : null });

// The notes that touch a window, asked for again every ten seconds: the server answers 304 as long
// as none has changed. Where nothing is asked about: all of them.
export function useNotes(window: { from: number; to: number }, about: About,
  shown = true): Notes {
  const from = new Date(window.from).toISOString();
  const to = new Date(window.to).toISOString();
  const { points = [], twins = [], paths = [] } = about;
  const answer = useQuery({
    queryKey: [key, from, to, points, twins, paths], enabled: shown, refetchInterval: askEveryMs,
    placeholderData: keepPreviousData, staleTime: 5_000,
    queryFn: ({ signal }) => getJson<Schemas['NoteList']>(`/api/v1/notes${query({
      from, to, point: points, twin: twins, path: paths, limit: notesLimit })}`, { signal }),
  });
  return useMemo(() => ({
    notes: shown ? (answer.data?.items ?? []).map(timed).reverse() : [],
    more: Boolean(answer.data?.next), error: answer.error,
  }), [answer.data, answer.error, shown]);
}

const address = (id: string, rest = '') => `/api/v1/notes/${id}${rest}`;

export const createNote = (spec: NoteSpec): Promise<Note> =>
  sendJson<Note>('POST', '/api/v1/notes', spec);
// Refused with 412 where somebody else was faster.
export const changeNote = (note: Note, spec: NoteSpec): Promise<Note> =>
  sendJson<Note>('PATCH', address(note.id), spec, {
    headers: { 'If-Match': `"${note.revision}"` } });
export const deleteNote = (id: string): Promise<void> => sendJson('DELETE', address(id));
export const restoreNote = (id: string): Promise<Note> =>
  sendJson<Note>('POST', address(id, '/restore'));
