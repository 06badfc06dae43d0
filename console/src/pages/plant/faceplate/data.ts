import { useThrottledValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError, getJson, query, seg } from '~/lib/api';
import { live, type PointValue } from '~/lib/live';
import { readHistory, type Page } from '~/lib/points';
import { parseTime } from '~/lib/time';
import type { SparkRow } from '~/ui';
import { twinUrl, type Slot, type Twin, type TwinValue } from '../../twin/data';
import { durationOf } from '../sources/live';
import type { DeviceLink } from './state';

// What the faceplate asks the server for, beside the twin itself.
const missing = (error: unknown): null => {
  if (error instanceof ApiError) return null;
  throw error;
};

interface ListedDevice { name: string; state?: { link: string; since: string } }

const devicesAsked = 16;
const common = (a: string, b: string): number => {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n += 1;
  return n;
};

// The device that reads a point: those whose names are most like it are asked for it.
async function findDevice(point: string, signal: AbortSignal): Promise<string | null> {
  const devices = await getJson<Page<ListedDevice>>('/api/v1/devices?limit=1000', { signal });
  const near = devices.items.map((one) => ({ one, alike: common(one.name, point) }))
    .sort((a, b) => b.alike - a.alike).slice(0, devicesAsked);
  for (const { one } of near) {
    const tags = await getJson<Page<unknown>>(
      `/api/v1/devices/${seg(one.name)}/tags${query({ filter: point, limit: 1 })}`, { signal });
    if (tags.items.length > 0) return one.name;
  }
  return null;
}

export function useDevice(point: string | undefined, live: boolean): DeviceLink | undefined {
  const found = useQuery({
    queryKey: ['device-of', point], enabled: point !== undefined, staleTime: 600_000,
    queryFn: ({ signal }) => findDevice(point ?? '', signal).catch(missing),
  });
  const name = found.data;
  const state = useQuery({
    queryKey: ['device-link', name], enabled: Boolean(name) && live, refetchInterval: 5000,
    queryFn: ({ signal }) => getJson<ListedDevice>(
      `/api/v1/devices/${seg(name ?? '')}`, { signal }).catch(missing),
  });
  if (!name) return undefined;
  const its = state.data?.state;
  const up = 'connected';
  return { name, link: live ? its?.link ?? up : up, since: parseTime(its?.since) };
}

interface Held {
  still_holds: boolean;
  last?: { from: string };
}

const sinceAtMost = 7 * 86400e3;

// Since when a condition has held, and whether that is only as far as one can look back.
export function useSince(twin: Twin | undefined, condition: string | undefined, at: number | null):
  { time: number; atLeast: boolean } | null {
  const moment = at === null ? null : Math.floor(at / 10e3) * 10e3;
  const answer = useQuery({
    queryKey: ['since', twin?.id, condition, moment],
    enabled: twin !== undefined && condition !== undefined, placeholderData: keepPreviousData,
    refetchInterval: moment === null ? 30_000 : false,
    queryFn: async ({ signal }) => {
      const to = moment ?? Date.now();
      const from = to - sinceAtMost;
      const held = await getJson<Held>(twinUrl(twin?.id ?? '', `/when${query({
        condition, from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: 1,
      })}`), { signal }).catch(missing);
      if (!held?.still_holds || !held.last) return null;
      const time = parseTime(held.last.from);
      // Before the twin was there nobody can say.
      const first = Math.max(from, parseTime(twin?.created_at) || 0);
      return { time, atLeast: time - first < 2000 };
    },
  });
  return answer.data ?? null;
}

const lateMs = 600_000; // where the model names no age

interface Row { point: string; time: string; value: PointValue; quality: string }

// A twin's values at a moment of the past: of each point the last before it, whether the twin was
// described then or not; of what is computed what the server makes of that time.
async function readPast(twin: Twin, slots: Slot[], at: number, signal: AbortSignal):
  Promise<Record<string, TwinValue>> {
  const iso = new Date(at).toISOString();
  const points = [...new Set(Object.values(twin.properties).flatMap((one) => one.point ?? []))];
  const rows = new Map<string, Row>();
  const readRows = (some: string[]): Promise<void> => getJson<Page<Row>>(
    `/api/v1/history${query({ point: some, from: iso, before: true, limit: 10_000,
      to: new Date(at + 1).toISOString() })}`, { signal }).then((page) => {
    for (const row of page.items) rows.set(row.point, row);
  }).catch(async (error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    if (some.length > 1) await Promise.all(some.map((one) => readRows([one])));
  });
  const [then] = await Promise.all([
    getJson<Twin>(twinUrl(twin.id) + query({ at: iso }), { signal }).catch(missing),
    points.length > 0 ? readRows(points) : undefined,
  ]);
  const ages = new Map(slots.map((slot) => [slot.path, durationOf(slot.staleAfter)]));
  const values: Record<string, TwinValue> = {};
  for (const [path, one] of Object.entries(twin.properties)) {
    const past = then?.properties[path];
    const row = one.point ? rows.get(one.point) : undefined;
    if (one.origin === 'point')
      values[path] = row ? {
        ...one, value: row.value, quality: row.quality, time: row.time,
        stale: past?.stale ?? at - parseTime(row.time)
          > (ages.get(path) ?? (live.byException(one.point) ? Infinity : lateMs)),
      } : { ...one, value: null, quality: 'bad', stale: false, time: undefined };
    else values[path] = past ?? { ...one, value: null, quality: 'bad', stale: false };
  }
  return values;
}

export interface Past { time: number; values: Record<string, TwinValue> }

const askEachMs = 500;

// Where the moment moves the last answer stands until the next one comes; it says of when it is.
export function usePast(twin: Twin | undefined, slots: Slot[] | undefined, at: number | null):
  Past | null {
  const moment = useThrottledValue(at, askEachMs);
  const answer = useQuery({
    queryKey: ['faceplate-past', twin?.id, moment], gcTime: 10_000, staleTime: Infinity,
    enabled: twin !== undefined && slots !== undefined && moment !== null,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Past> => ({
      time: moment ?? 0,
      values: await readPast(twin as Twin, slots ?? [], moment ?? 0, signal),
    }),
  });
  return at === null ? null : answer.data ?? { time: at, values: {} };
}

const hourMs = 3600e3;

// The hour before a moment, for a line.
export function usePastHour(point: string, at: number): { rows: SparkRow[]; to: number } | null {
  const to = Math.ceil(useThrottledValue(at, 2000) / 60e3) * 60e3;
  const answer = useQuery({
    queryKey: ['spark-past', point, to], staleTime: Infinity, gcTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => ({
      to,
      rows: (await readHistory(point, new Date(to - hourMs).toISOString(),
        new Date(to).toISOString(), 200, signal)).map((row): SparkRow => ({
        time: parseTime(row.time),
        value: row.quality.startsWith('bad') ? NaN
          : typeof row.value === 'number' ? row.value
            : typeof row.value === 'boolean' ? Number(row.value) : NaN,
      })),
    }),
  });
  return answer.data ?? null;
}
