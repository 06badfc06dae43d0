import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import {
  changeNote, createNote, deleteNote, refreshNotes, restoreNote, useNotes, type Note,
  type NoteSpec, type TimedNote,
} from '~/lib/notes';
import { useMay } from '~/lib/session';
import { problemText } from '~/ui';
import type { Marker, Range, ShownPen } from '../chart/types';
import { words } from '../words';
import { draftOf, newDraft, type Draft } from './draft';
import { noteMarkers } from './marks';

export interface Editing {
  note?: Note; // none: a new one
  draft: Draft;
}

export interface TrendNotes {
  notes: TimedNote[];
  more: boolean;
  error: unknown;
  markers: Marker[];
  about: { points: string[]; twins: string[] };
  mayWrite: boolean;
  editing: Editing | null;
  strong: string | null; // the note to bring forward
  setStrong: (id: string | null) => void;
  add: () => void;
  edit: (note: Note) => void;
  close: () => void;
  save: (spec: NoteSpec) => Promise<void>;
  remove: (note: Note) => void;
}

const fail = (error: unknown) =>
  void notifications.show({ message: problemText(error), color: 'red', autoClose: 12_000 });

function sayDeleted(undo: () => Promise<unknown>): void {
  const id = notifications.show({
    autoClose: 15_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span>{words.now('noteDeleted')}</span>
        <Button size="compact-sm" variant="default" onClick={() => {
          notifications.hide(id);
          undo().catch(fail);
        }}>{words.now('noteUndo')}</Button>
      </Group>),
  });
}

const typing = (target: EventTarget | null) => target instanceof HTMLElement
  && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    || target.closest('[role="dialog"], .cm-editor') !== null);

// "n" writes a note, unless it is the second key of "go to".
function useNoteKey(add: () => void, able: boolean): void {
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    if (!able) return;
    let goAt = -Infinity;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || typing(event.target))
        return;
      if (event.key === 'g') goAt = event.timeStamp;
      else if (event.key === 'n' && event.timeStamp - goAt >= 1200) {
        event.preventDefault();
        latest.current();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [able]);
}

// The notes about what the pens show: their points, the twins they feed, the places above them and
// the site; and what can be done with them.
export function useTrendNotes({ shown, quiet, at, zone, visible }: {
  shown: ShownPen[]; quiet: Range; zone: string; visible: boolean;
  at: { cursor: number | null; window: Range; following: boolean };
}): TrendNotes {
  const client = useQueryClient();
  const mayWrite = useMay('operator') && shown.length > 0;
  const [editing, setEditing] = useState<Editing | null>(null);
  const [strong, setStrong] = useState<string | null>(null);
  const asked = [...new Set(shown.map(({ pen }) => pen.point))].sort().join('\n');
  const fed = [...new Set(shown.flatMap(({ info }) => info.twins ?? []))].sort().join('\n');
  const about = useMemo(() => ({
    points: asked ? asked.split('\n') : [], twins: fed ? fed.split('\n') : [] }), [asked, fed]);
  const { notes, more, error } = useNotes(quiet, about, visible && shown.length > 0);
  const markers = useMemo(() => noteMarkers(notes), [notes]);
  const add = () => setEditing({ draft: newDraft(shown, at, zone) });
  useNoteKey(add, mayWrite && editing === null);
  const refresh = useCallback(() => refreshNotes(client), [client]);
  const save = async (spec: NoteSpec) => {
    if (editing?.note) await changeNote(editing.note, spec);
    else await createNote(spec);
    setEditing(null);
    await refresh();
  };
  const remove = useCallback((note: Note) => {
    const work = async () => {
      await deleteNote(note.id);
      setEditing(null);
      await refresh();
      sayDeleted(async () => {
        await restoreNote(note.id);
        await refresh();
      });
    };
    work().catch(fail);
  }, [refresh]);
  return {
    notes, more, error, markers, about, mayWrite, editing, strong, setStrong, add, save, remove,
    edit: (note) => setEditing({ note, draft: draftOf(note, zone) }),
    close: () => setEditing(null),
  };
}
