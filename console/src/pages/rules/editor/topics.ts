import { getJson, query } from '~/lib/api';
import type { Page, PointInfo } from '~/lib/points';
import type { Suggestion } from './complete';

// Topics typed ahead: the levels below what is there already, from the server; beside them whole
// points that contain the typed text.
interface Level {
  name: string;
  topic: string;
  has_below: boolean;
  points: number;
  is_point: boolean;
}

const cache = new Map<string, { at: number; answer: Promise<Level[]> }>();
const freshMs = 30_000;

// Levels out of paths, where the server has no tree of topics.
export function levelsOf(paths: string[], prefix: string): Level[] {
  const head = prefix ? `${prefix}/` : '';
  const levels = new Map<string, Level>();
  for (const path of paths) {
    if (!path.startsWith(head)) continue;
    const [name, ...below] = path.slice(head.length).split('/') as [string, ...string[]];
    const level = levels.get(name)
      ?? { name, topic: head + name, has_below: false, points: 0, is_point: false };
    level.points += 1;
    level.has_below ||= below.length > 0;
    level.is_point ||= below.length === 0;
    levels.set(name, level);
  }
  return [...levels.values()];
}

async function ask(prefix: string): Promise<Level[]> {
  try {
    return (await getJson<{ items: Level[] }>(
      `/api/v1/mqtt/topics${query({ prefix, limit: 500 })}`)).items;
  } catch {
    const page = await getJson<Page<PointInfo>>(
      `/api/v1/points${query({ filter: prefix ? `${prefix}/#` : '#', limit: 2000 })}`);
    return levelsOf(page.items.map((one) => one.point), prefix);
  }
}

export function levelsBelow(prefix: string, now = Date.now()): Promise<Level[]> {
  const known = cache.get(prefix);
  if (known && now - known.at < freshMs) return known.answer;
  const answer = ask(prefix).catch(() => []);
  cache.set(prefix, { at: now, answer });
  return answer;
}

// `typed` is what stands between the quotes so far.
export async function topicSuggestions(typed: string): Promise<{
  from: number; all: Suggestion[];
}> {
  const slash = typed.lastIndexOf('/');
  const prefix = slash < 0 ? '' : typed.slice(0, slash);
  if (/[+#]/.test(prefix)) return { from: slash + 1, all: wildcards };
  const levels = await levelsBelow(prefix);
  return {
    from: slash + 1,
    all: [
      ...levels.map((level): Suggestion => ({
        label: level.has_below ? `${level.name}/` : level.name, kind: 'topic',
        insert: level.has_below && !level.is_point ? `${level.name}/` : level.name,
        detail: level.points > 1 ? `${level.points}` : undefined,
        more: level.has_below && !level.is_point,
      })),
      ...wildcards,
    ],
  };
}

const wildcards: Suggestion[] = [
  { label: '+', kind: 'topic', insert: '+' }, { label: '#', kind: 'topic', insert: '#' },
];
