import type { PointInfo } from '~/lib/points';

export interface Branch {
  path: string;
  points: number;
  count: number;
}

const branchLevels = 2;
const branchLimit = 30;

// Points and samples under each beginning of two levels; the most first, the rest together.
export function branchesOf(points: Pick<PointInfo, 'point' | 'count'>[]): Branch[] {
  const all = new Map<string, Branch>();
  for (const { point, count } of points) {
    const levels = point.split('/');
    const path = levels.length > branchLevels
      ? `${levels.slice(0, branchLevels).join('/')}/#` : levels.join('/');
    const one = all.get(path) ?? { path, points: 0, count: 0 };
    one.points += 1;
    one.count += count;
    all.set(path, one);
  }
  const sorted = [...all.values()].sort((left, right) => right.count - left.count);
  if (sorted.length <= branchLimit) return sorted;
  const rest = sorted.slice(branchLimit - 1).reduce((sum, one) => ({ path: '…',
    points: sum.points + one.points, count: sum.count + one.count }),
  { path: '…', points: 0, count: 0 });
  return [...sorted.slice(0, branchLimit - 1), rest];
}

export const largestOf = <P extends Pick<PointInfo, 'count'>>(points: P[], most: number): P[] =>
  [...points].sort((left, right) => right.count - left.count).slice(0, most);
