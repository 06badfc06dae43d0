import type { Series } from './data';

// The series that differ most of their base, by their own range; without a difference, the first
// levels and flows there are.
export function mostDifferent(mine: Series[], base: Series[], count: number): string[] {
  const bases = new Map(base.map((one) => [`${one.twin} ${one.path}`, one.values]));
  return mine
    .map((one) => {
      const key = `${one.twin} ${one.path}`;
      const other = bases.get(key);
      let least = Infinity;
      let most = -Infinity;
      let sum = 0;
      one.values.forEach((value, row) => {
        const against = other?.[row];
        for (const each of [value, against])
          if (typeof each === 'number') {
            least = Math.min(least, each);
            most = Math.max(most, each);
          }
        if (value !== null && typeof against === 'number') sum += Math.abs(value - against);
      });
      const range = most - least;
      const liked = /level/.test(one.path) ? 2e-9 : /flow|power/.test(one.path) ? 1e-9 : 0;
      const share = range > 0 ? sum / range / Math.max(1, one.values.length) : 0;
      return { key, twin: one.twin, weight: share + liked };
    })
    .sort((a, b) => b.weight - a.weight)
    // One of each twin, so that different things are seen.
    .filter((one, index, all) => all.findIndex((each) => each.twin === one.twin) === index)
    .slice(0, count).map((one) => one.key);
}
