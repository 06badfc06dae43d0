import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson, query } from '~/lib/api';
import { parseTime } from '~/lib/time';
import type { Marker, Range } from './chart/types';

// What happened to what the pens show: events of their twins and records of the audit, as marks on
// the time axis. Alarms and notes of operators will be further kinds of Marker: they come with the
// alarms' room, which keeps them; nothing here is written anywhere.
interface TwinEvent {
  time: string;
  twin: string;
  kind: string;
  path: string | null;
  actor: string | null;
  before: unknown;
  after: unknown;
  result: string;
  detail: string | null;
}

interface AuditRecord {
  time: string;
  actor: string;
  action: string;
  target: string;
  old: unknown;
  new: unknown;
  result: string;
  detail: string;
}

const recordsLimit = 500;
const short = (value: unknown): string =>
  value === null || value === undefined ? '' : JSON.stringify(value).slice(0, 120);
const change = (before: unknown, after: unknown) =>
  [short(before), short(after)].filter(Boolean).join(' → ');

// Of a point itself, or of what it is a part of: its equipment and that equipment's place.
export function concerns(target: string, points: string[]): boolean {
  return points.some((point) => point === target
    || (point.startsWith(`${target}/`) && point.slice(target.length + 1).split('/').length <= 2));
}

export function markersOf(twins: TwinEvent[], audit: AuditRecord[], points: string[]): Marker[] {
  const own = twins.filter(({ twin, path }) =>
    concerns(twin, points) || (path !== null && points.includes(`${twin}/${path}`)));
  const told = new Set(own.map(({ time, twin }) => `${time} ${twin}`));
  const marks = own.map((event): Marker => ({
    time: parseTime(event.time), kind: 'twin', failed: event.result !== 'ok',
    text: `${event.kind} · ${event.twin}${event.path ? ` ${event.path}` : ''}`,
    detail: [change(event.before, event.after), event.actor, event.result !== 'ok'
      ? event.detail ?? event.result : ''].filter(Boolean).join(' · '),
  }));
  for (const record of audit)
    if (concerns(record.target, points) && !told.has(`${record.time} ${record.target}`))
      marks.push({
        time: parseTime(record.time), kind: 'audit', failed: record.result !== 'ok',
        text: `${record.action} · ${record.target}`,
        detail: [change(record.old, record.new), record.actor, record.detail]
          .filter(Boolean).join(' · '),
      });
  return marks.sort((a, b) => a.time - b.time);
}

interface Page<T> {
  items: T[];
}

export function useMarkers(points: string[], window: Range, shown: boolean): Marker[] {
  const from = new Date(window.from).toISOString();
  const to = new Date(window.to).toISOString();
  const answer = useQuery({
    queryKey: ['trend-events', from, to], enabled: shown && points.length > 0,
    placeholderData: keepPreviousData, staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const rest = query({ from, to, limit: recordsLimit });
      const [twins, audit] = await Promise.all([
        getJson<Page<TwinEvent>>(`/api/v1/twin/past/events${rest}`, { signal }),
        getJson<Page<AuditRecord>>(`/api/v1/audit${rest}`, { signal }),
      ]);
      return { twins: twins.items, audit: audit.items };
    },
  });
  return useMemo(
    () => shown && answer.data ? markersOf(answer.data.twins, answer.data.audit, points) : [],
    [answer.data, points, shown]);
}
