import { ApiError, getJson, query, sendJson } from '~/lib/api';
import { planGrid, bucketStep, type Grid } from './grid';
import { trackOfBuckets, trackOfRows, type FigureRow, type Linear, type Row } from './tracks';
import {
  emptyTrack, isState, type Pen, type PenInfo, type Range, type Stretch, type Track,
} from './types';

// What a window's pens are drawn of. All pens of one aggregation and shift come with one request,
// all requests go at once, and the tracks are handed over together.

export interface PenOrder {
  pen: Pen;
  info: PenInfo;
  linear: Linear;
}

const units: Record<string, number> = {
  ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3,
};
export function shiftOf(pen: Pen): number {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(pen.shift ?? '');
  return found ? Number(found[1]) * (units[found[2] as string] as number) : 0;
}

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();
const textRowsLimit = 20_000;
export const marginShare = 0.25;

interface Page<T> {
  items: (T & { point: string })[];
}

interface Group {
  aggregate: string;
  shiftMs: number;
  orders: PenOrder[];
}

function groupsOf(orders: PenOrder[]): Group[] {
  const groups = new Map<string, Group>();
  for (const order of orders) {
    if (order.info.missing) continue;
    const aggregate = isState(order.info) ? 'auto' : order.pen.aggregation;
    const shiftMs = shiftOf(order.pen);
    const key = `${aggregate} ${shiftMs}`;
    const group = groups.get(key) ?? { aggregate, shiftMs, orders: [] };
    groups.set(key, group);
    group.orders.push(order);
  }
  return [...groups.values()];
}

function rowsByPoint<T>(page: Page<T>): Map<string, T[]> {
  const all = new Map<string, T[]>();
  let rows: T[] = [];
  let point = '';
  for (const item of page.items) {
    if (item.point !== point || rows.length === 0) {
      point = item.point;
      rows = all.get(point) ?? [];
      all.set(point, rows);
    }
    rows.push(item);
  }
  return all;
}

// One missing point refuses a whole request, so then each pen is asked for by itself.
async function readEach<T>(group: Group, rest: Record<string, string | number>,
  signal: AbortSignal): Promise<Map<string, T[] | string>> {
  const read = (points: string[]) =>
    getJson<Page<T>>(`/api/v1/history${query({ point: points, ...rest })}`, { signal });
  const points = [...new Set(group.orders.map(({ pen }) => pen.point))];
  try {
    return rowsByPoint(await read(points));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
  const found = new Map<string, T[] | string>();
  await Promise.all(points.map((point) => read([point]).then(
    (page) => found.set(point, page.items),
    (error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      found.set(point, error.message);
    })));
  return found;
}

async function loadGroup(group: Group, grid: Grid, signal: AbortSignal,
  take: (order: PenOrder, track: Track) => void): Promise<void> {
  const { shiftMs, aggregate } = group;
  const span = { from: iso(grid.from - shiftMs), to: iso(grid.to - shiftMs) };
  if (aggregate === 'auto') {
    const rows = await readEach<Row>(group, { ...span, max_points: 2 * grid.slices }, signal);
    const moved: Grid = { ...grid, from: grid.from - shiftMs, to: grid.to - shiftMs };
    await Promise.all(group.orders.map(async (order) => {
      let own = rows.get(order.pen.point) ?? [];
      if (typeof own === 'string') return take(order, emptyTrack(own));
      // Texts cannot be thinned: many of them come as none.
      if (own.length === 0 && order.info.type === 'string')
        own = await loadChanges(order.pen.point, moved, signal);
      take(order, trackOfRows(own, moved, order.pen, order.info, order.linear, shiftMs));
    }));
    return;
  }
  const stepMs = bucketStep(grid.stepMs);
  const rows = await readEach<FigureRow>(
    group, { ...span, every: `${stepMs}ms`, aggregate }, signal);
  for (const order of group.orders) {
    const own = rows.get(order.pen.point) ?? [];
    take(order, typeof own === 'string' ? emptyTrack(own)
      : trackOfBuckets(own, aggregate, stepMs, order.linear, shiftMs));
  }
}

export async function loadTracks(orders: PenOrder[], window: Range, pixels: number,
  signal: AbortSignal): Promise<{ tracks: Track[]; grid: Grid }> {
  const grid = planGrid(window, pixels, marginShare);
  const tracks: Track[] = orders.map(({ info, pen }) =>
    emptyTrack(info.missing ? pen.point : undefined));
  await Promise.all(groupsOf(orders).map((group) =>
    loadGroup(group, grid, signal, (order, track) => {
      tracks[orders.indexOf(order)] = track;
    })));
  return { tracks, grid };
}

interface QueryAnswer {
  rows: (string | number | null)[][];
}

const ask = (sql: string, params: (string | number)[], signal: AbortSignal) =>
  sendJson<QueryAnswer>('POST', '/api/v1/query', { sql, params, timeout: '20s' }, { signal });

// The changes of a text; where SQL is not installed the newest texts as they are kept.
async function loadChanges(point: string, span: Range, signal: AbortSignal): Promise<Row[]> {
  try {
    const answer = await ask(
      `SELECT time, text, quality FROM (SELECT time, text, quality,
         lag(text) OVER (ORDER BY time) AS before, lag(quality) OVER (ORDER BY time) AS was
       FROM history(?, ?, ?)) WHERE text IS DISTINCT FROM before OR quality IS DISTINCT FROM was
       ORDER BY time LIMIT ${textRowsLimit}`, [point, iso(span.from), iso(span.to)], signal);
    return answer.rows.map(([time, value, quality]) => ({
      time: String(time), value: value ?? null, quality: String(quality),
    }));
  } catch (error) {
    // Without SQL, or where it is busy, there are still the samples themselves.
    if (!(error instanceof ApiError)) throw error;
  }
  const page = await getJson<Page<Row>>(`/api/v1/history${query({
    point, from: iso(span.from), to: iso(span.to), limit: textRowsLimit, order: 'desc',
  })}`, { signal });
  return page.items.reverse();
}

// Where slices and buckets are made of doubtful samples, which their figures do not tell.
// Undefined: this server cannot say, because it has no SQL.
export async function loadDoubt(orders: PenOrder[], tracks: Track[], grid: Grid,
  signal: AbortSignal): Promise<Stretch[][] | undefined> {
  const wanted = orders.flatMap((order, i) => {
    const track = tracks[i];
    return track && (track.kind === 'slices' || track.kind === 'buckets'
      || (track.kind === 'states' && track.stepMs > 0)) ? [{ order, i }] : [];
  });
  const found: Stretch[][] = orders.map(() => []);
  if (wanted.length === 0) return found;
  const { stepMs } = grid;
  const sql = wanted.map(({ i }) =>
    `SELECT ${i} AS pen, CAST(floor(epoch_ms(time::TIMESTAMP) / ${stepMs}) AS BIGINT) AS slice,
       max(CASE WHEN quality LIKE 'bad%' THEN 2 ELSE 1 END) AS doubt
     FROM history(?, ?, ?) WHERE quality <> 'good' GROUP BY ALL`).join(' UNION ALL ');
  const params = wanted.flatMap(({ order }) => {
    const shift = shiftOf(order.pen);
    return [order.pen.point, iso(grid.from - shift), iso(grid.to - shift)];
  });
  let answer: QueryAnswer;
  try {
    answer = await ask(`${sql} ORDER BY pen, slice`, params, signal);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
  for (const [pen, slice, doubt] of answer.rows) {
    const list = found[Number(pen)];
    const order = orders[Number(pen)];
    if (!list || !order) continue;
    const from = Number(slice) * stepMs + shiftOf(order.pen);
    const last = list[list.length - 1];
    if (last && last.to >= from && last.quality === Number(doubt)) last.to = from + stepMs;
    else list.push({ from, to: from + stepMs, quality: Number(doubt) });
  }
  return found;
}

export interface Statistics {
  count: number;
  min: number;
  max: number;
  mean: number;
  twa: number;
  first: number;
  last: number;
  stddev: number;
  median?: number;
  p05?: number;
  p95?: number;
}

const figures = ['count', 'min', 'max', 'mean', 'first', 'last', 'stddev', 'twa'];

// Figures of a window over all samples but the bad ones, told by the server; in the stored unit.
export async function loadStatistics(pens: { pen: Pen; info: PenInfo }[], window: Range,
  signal: AbortSignal, more = false): Promise<(Statistics | undefined)[]> {
  const groups = groupsOf(pens.map(({ pen, info }) => ({
    pen: { ...pen, aggregation: 'auto' }, info, linear: { factor: 1, offset: 0 },
  })));
  const found = new Map<string, Statistics>();
  await Promise.all(groups.map(async (group) => {
    const rows = await readEach<FigureRow>(group, {
      from: iso(window.from - group.shiftMs), to: iso(window.to - group.shiftMs),
      aggregate: [...figures, ...(more ? ['median', 'p05', 'p95'] : [])].join(','),
    }, signal);
    for (const [point, own] of rows) {
      const row = typeof own === 'string' ? undefined : own[0];
      if (row) found.set(`${point} ${group.shiftMs}`, Object.fromEntries(
        Object.entries(row).map(([name, value]) =>
          [name, typeof value === 'number' ? value : NaN])) as unknown as Statistics);
    }
  }));
  return pens.map(({ pen }) => found.get(`${pen.point} ${shiftOf(pen)}`));
}

// Types and units of points, and the ranges of the tags behind them.
export async function loadInfos(points: string[], signal?: AbortSignal):
  Promise<Map<string, PenInfo>> {
  const found = new Map<string, PenInfo>();
  await Promise.all(points.map(async (point) => {
    const page = await getJson<Page<{ type: PenInfo['type']; unit: string | null }>>(
      `/api/v1/points${query({ filter: point, fields: 'point,type,unit', limit: 1 })}`, { signal });
    const item = page.items[0];
    found.set(point, item ? { type: item.type, unit: item.unit }
      : { type: 'unknown', unit: null, missing: true });
  }));
  await loadRanges(found, signal);
  return found;
}

async function loadRanges(infos: Map<string, PenInfo>, signal?: AbortSignal): Promise<void> {
  try {
    const points = [...infos.keys()];
    const answer = await ask(
      `SELECT point, min, max FROM tags WHERE point IN (${points.map(() => '?').join(', ')})`,
      points, signal ?? new AbortController().signal);
    for (const [point, min, max] of answer.rows) {
      const info = infos.get(String(point));
      if (info && min !== null) info.tagLow = Number(min);
      if (info && max !== null) info.tagHigh = Number(max);
    }
  } catch (error) {
    // Without SQL there are no lines of the range; anything else is the page's to show.
    if (!(error instanceof ApiError)) throw error;
  }
}

