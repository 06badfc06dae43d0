import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError, getJson, query } from '~/lib/api';
import { notesLimit, useNotes, type TimedNote } from '~/lib/notes';
import { parseTime } from '~/lib/time';
import { useUnits } from '~/lib/units';
import { commonPrefix, isEquipment, type SceneModel } from '../model/scene';
import type { Replay } from '../sources/replay';
import type { Site } from '../useScene';
import { words } from '../words';
import { marksOfValues, type Mark } from './marks';

// What people and programs did that day: orders to the plant, writes, changes of descriptions.
export interface TwinEvent {
  time: string; twin: string; kind: string; path: string | null; actor: string | null;
  before: unknown; after: unknown; result: string; detail: string | null;
}

export interface AuditRecord {
  time: string; actor: string; action: string; target: string; old: unknown; new: unknown;
  result: string; detail: string;
}

const recordsAtMost = 500;
const everything = {};
const short = (value: unknown): string => value === null || value === undefined ? ''
  : JSON.stringify(value).slice(0, 80);
const change = (before: unknown, after: unknown): string =>
  [short(before), short(after)].filter(Boolean).join(' → ');

const isOrder = (kind: string): boolean =>
  /^(twin\.(desired|command)|point\.write|tag\.write)/.test(kind);

// The audit's own records of what the twins' events tell already are left out.
export function marksOfRecords(
  twins: TwinEvent[], audit: AuditRecord[], model: SceneModel,
): Mark[] {
  const nodes = new Map<string, { id: string; name: string }>();
  for (const item of model.items)
    if (item.twin && isEquipment(item) && !nodes.has(item.twin)) nodes.set(item.twin, item);
  const told = new Set(twins.map(({ time, kind }) => `${time} ${kind}`));
  const marks = twins.map((event): Mark => {
    const item = nodes.get(event.twin);
    return {
      time: parseTime(event.time), kind: isOrder(event.kind) ? 'order' : 'change',
      state: event.result === 'ok' ? 'idle' : 'warn', node: item?.id,
      text: `${item?.name ?? event.twin}${event.path ? ` ${event.path}` : ''}: ${event.kind}`,
      detail: [change(event.before, event.after), event.actor,
        event.result === 'ok' ? event.detail : event.detail ?? event.result]
        .filter(Boolean).join(' · '),
    };
  });
  for (const record of audit) {
    if (told.has(`${record.time} ${record.action}`)) continue;
    marks.push({
      time: parseTime(record.time), kind: isOrder(record.action) ? 'order' : 'change',
      state: record.result === 'ok' ? 'idle' : 'warn',
      text: `${record.target}: ${record.action}`,
      detail: [change(record.old, record.new), record.actor, record.detail]
        .filter(Boolean).join(' · '),
    });
  }
  return marks;
}

// What people wrote down about that day and this site, or something within it. Notes about all of
// the works are of every site.
export function marksOfNotes(
  notes: TimedNote[], model: SceneModel, from: number, to: number,
): Mark[] {
  const root = commonPrefix(model.twins);
  const within = (id: string, above: string) =>
    above === '' || id === above || id.startsWith(`${above}/`);
  const marks: Mark[] = [];
  for (const { note, from: begin, to: end } of notes) {
    const about = [...note.points, ...note.twins, ...note.paths];
    if (about.length > 0 && !about.some((id) => within(id, root) || within(root, id))) continue;
    const item = model.items.find((one) => one.twin !== undefined && isEquipment(one)
      && about.some((id) => within(id, one.twin ?? '')));
    marks.push({
      time: Math.max(from, begin), kind: 'note', state: 'idle', node: item?.id, text: note.text,
      ...(end === null ? {} : { to: Math.min(to, end) }),
      detail: [words.now('noteBy', { name: note.author }), item?.name, note.tags.join(', ')]
        .filter(Boolean).join(' · '),
    });
  }
  return marks;
}

interface Page<T> { items: T[]; next: string | null }

// All marks of the day in their order. Records that one may not read are told by `partly`.
export function useMarks(site: Site, replay: Replay | null): { marks: Mark[]; partly: string } {
  const set = useUnits();
  const filter = commonPrefix(site.model.twins);
  const answer = useQuery({
    queryKey: ['replay-events', site.model.scene.site, replay?.from, replay?.to],
    enabled: replay !== null, staleTime: 60_000, gcTime: 120_000,
    queryFn: async ({ signal }) => {
      const rest = {
        from: new Date(replay?.from ?? 0).toISOString(),
        to: new Date(replay?.to ?? 0).toISOString(), limit: recordsAtMost,
      };
      let partly = '';
      const read = <T>(path: string) => getJson<Page<T>>(path, { signal })
        .then((page) => {
          if (page.next) partly = words.now('eventsCut', { count: recordsAtMost });
          return page.items;
        }).catch((error: unknown): T[] => {
          if (!(error instanceof ApiError)) throw error;
          partly = error.message;
          return [];
        });
      const [twins, audit] = await Promise.all([
        read<TwinEvent>(`/api/v1/twin/past/events${query(
          { ...rest, filter: filter ? `${filter}/#` : '#' })}`),
        read<AuditRecord>(`/api/v1/audit${query(rest)}`),
      ]);
      return { twins, audit, partly };
    },
  });
  const ofValues = useMemo(() => replay ? marksOfValues(site.model, replay, set) : [],
    [site, replay, set]);
  const ofRecords = useMemo(() => answer.data
    ? marksOfRecords(answer.data.twins, answer.data.audit, site.model) : [], [answer.data, site]);
  const { notes, more, error } = useNotes({ from: replay?.from ?? 0, to: replay?.to ?? 0 },
    everything, replay !== null);
  const ofNotes = useMemo(() => replay
    ? marksOfNotes(notes, site.model, replay.from, replay.to) : [], [notes, site, replay]);
  const marks = useMemo(() => [...ofValues, ...ofRecords, ...ofNotes]
    .sort((a, b) => a.time - b.time), [ofValues, ofRecords, ofNotes]);
  const told = [answer.data?.partly, more && words.now('notesCut', { count: notesLimit }),
    error instanceof Error && error.message];
  return { marks, partly: told.filter(Boolean).join(' ') };
}
