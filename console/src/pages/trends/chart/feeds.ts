import { ApiError, getJson, seg, sendJson } from '~/lib/api';

// What points feed: the twins' properties, and the limits that their models and the twins
// themselves know of these.

// One limit, in the unit that the point is kept in.
export interface ModelLimit {
  kind: 'min' | 'max' | 'limit';
  value: number;
  name: string; // of the property that has it
  twin: string;
}

interface Slot {
  path: string;
  displayName?: unknown;
  minimum?: number;
  maximum?: number;
}

export interface Feed {
  point: string;
  twin: string;
  path: string;
  model: string;
  limitPath: string | null; // of the fixed property "<path>Limit" beside it
  limit: number | null;
}

// A property x and a fixed one xLimit beside it: the limit of x, set by hand for this twin.
export const feedsSql = (count: number): string =>
  `SELECT v.point, v.twin, v.path, t.model, l.path, l.value FROM twin_values v
   JOIN twins t ON t.id = v.twin
   LEFT JOIN twin_values l ON l.twin = v.twin AND l.path = v.path || 'Limit'
     AND l.origin = 'fixed'
   WHERE v.point IN (${Array.from({ length: count }, () => '?').join(', ')})
   ORDER BY v.point, v.twin`;

type Cell = string | number | null;

export async function loadFeeds(points: string[], signal?: AbortSignal): Promise<Feed[]> {
  if (points.length === 0) return [];
  const answer = await sendJson<{ rows: Cell[][] }>('POST', '/api/v1/query',
    { sql: feedsSql(points.length), params: points, timeout: '20s' }, { signal });
  return answer.rows.map(([point, twin, path, model, limitPath, limit]) => ({
    point: String(point), twin: String(twin), path: String(path), model: String(model),
    limitPath: limitPath === null || limitPath === undefined ? null : String(limitPath),
    limit: typeof limit === 'number' ? limit : null,
  }));
}

const models = new Map<string, Promise<Slot[]>>();

// A model does not change but for its texts: asked for once.
export function loadSlots(model: string): Promise<Slot[]> {
  const known = models.get(model);
  if (known) return known;
  const made = getJson<{ slots?: Slot[] }>(`/api/v1/twin/models/${seg(model)}?resolved=true`)
    .then(({ slots }) => slots ?? []);
  models.set(model, made);
  made.catch(() => models.delete(model));
  return made;
}

const nameOf = (slots: Slot[], path: string): string => {
  const name = slots.find((slot) => slot.path === path)?.displayName;
  return typeof name === 'string' ? name : path;
};

// The limits that a model and a twin of it have for one property.
export function limitsOfFeed(feed: Feed, slots: Slot[]): ModelLimit[] {
  const slot = slots.find(({ path }) => path === feed.path);
  const all: ModelLimit[] = [];
  const { twin } = feed;
  const name = nameOf(slots, feed.path);
  if (typeof slot?.minimum === 'number')
    all.push({ kind: 'min', value: slot.minimum, name, twin });
  if (typeof slot?.maximum === 'number')
    all.push({ kind: 'max', value: slot.maximum, name, twin });
  if (feed.limit !== null && feed.limitPath)
    all.push({ kind: 'limit', value: feed.limit, name: nameOf(slots, feed.limitPath), twin });
  return all;
}

// What is known of points by what they feed.
export interface FeedInfo {
  twins: string[];
  modelLimits: ModelLimit[];
}

// Without SQL, or without the right to it, the twins are not known: an empty answer.
export async function loadFeedInfos(points: string[], signal?: AbortSignal):
  Promise<Map<string, FeedInfo>> {
  const found = new Map<string, FeedInfo>();
  let feeds: Feed[];
  try {
    feeds = await loadFeeds(points, signal);
  } catch (error) {
    if (error instanceof ApiError) return found;
    throw error;
  }
  await Promise.all(feeds.map(async (feed) => {
    const limits = limitsOfFeed(feed, await loadSlots(feed.model).catch(() => []));
    const info = found.get(feed.point) ?? { twins: [], modelLimits: [] };
    found.set(feed.point, {
      twins: [...new Set([...info.twins, feed.twin])].sort(),
      modelLimits: [...info.modelLimits, ...limits.filter((one) =>
        !info.modelLimits.some(({ kind, value }) => kind === one.kind && value === one.value))],
    });
  }));
  return found;
}
