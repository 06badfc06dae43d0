import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson, query } from '~/lib/api';
import type { Page, PointInfo } from '~/lib/points';
import { unitText } from '~/lib/units';
import { languageNow } from '~/lib/words';
import { modelUrl, type ModelRow, type Shape, type Twin } from '../data';
import { boundSlots, idFlaw, usualPoint } from './bindings';

// Which models the points below a path ask for: by the names and units of their properties.
export type Candidate = Pick<PointInfo, 'point' | 'unit'>;

export interface Fit {
  model: string;
  count: number; // points that are a property's
  bindings: Record<string, string>; // those whose name differs in its writing only
}

const plainName = (path: string): string => path.toLowerCase().replace(/[^\p{L}\p{N}/]/gu, '');

const sameUnit = (a: string | null | undefined, b: string | null | undefined): boolean =>
  !a || !b || unitText(a, 'si') === unitText(b, 'si');

export function fitOf(shape: Shape, id: string, points: Candidate[]): Fit {
  const byPath = new Map(points.map((one) => [one.point, one]));
  const byName = new Map(points.map((one) => [plainName(one.point.slice(id.length + 1)), one]));
  const fit: Fit = { model: shape.id, count: 0, bindings: {} };
  for (const slot of boundSlots(shape.slots)) {
    const usual = byPath.get(usualPoint(slot, id) ?? '');
    const found = usual ?? byName.get(plainName(slot.path));
    if (!found || !sameUnit(found.unit, slot.unit)) continue;
    fit.count += 1;
    if (!usual) fit.bindings[slot.path] = found.point;
  }
  return fit;
}

// Those that take most of the points first; of equals the one with the fewest properties left over.
export function ranked(shapes: Shape[], id: string, points: Candidate[]): Fit[] {
  const slots = new Map(shapes.map((one) => [one.id, boundSlots(one.slots).length]));
  return shapes.map((shape) => fitOf(shape, id, points)).filter((one) => one.count > 0)
    .sort((a, b) => b.count - a.count
      || (slots.get(a.model) ?? 0) - (slots.get(b.model) ?? 0) || a.model.localeCompare(b.model));
}

// Paths below an area on which points lie that no twin has: where a twin is still to be made.
export function placesBelow(area: string, points: Candidate[]): { id: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { point } of points) {
    const id = point.slice(0, point.lastIndexOf('/'));
    if (id.length > area.length) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return [...counts].map(([id, count]) => ({ id, count }))
    .sort((a, b) => b.count - a.count || a.id.localeCompare(b.id));
}

const pointsLimit = 2_000;
const twinsLimit = 500;
const modelsLimit = 300;
const fitsShown = 6;
const leastShare = 0.25; // of the points: less fits by chance

async function unboundBelow(id: string): Promise<Candidate[]> {
  const below = `${id}/`;
  const [page, twins] = await Promise.all([
    getJson<Page<Candidate>>(
      `/api/v1/points${query({ filter: `${id}/#`, fields: 'point,unit', limit: pointsLimit })}`),
    getJson<Page<Twin>>(`/api/v1/twins${query({ filter: `${id}/#`, limit: twinsLimit })}`),
  ]);
  // A twin of elsewhere may have such a point as well; then it is offered once more.
  const taken = new Set(twins.items.flatMap(({ properties }) =>
    Object.values(properties).map(({ point }) => point)));
  return page.items.filter(({ point }) => point.startsWith(below) && !taken.has(point));
}

// What is known of a path that is typed; asked for when the typing rests.
export function useFits(id: string, models: ModelRow[]): {
  fits: Fit[]; points: Candidate[]; places: { id: string; count: number }[];
} {
  const good = idFlaw(id) === null;
  const points = useQuery({
    queryKey: ['twin-unbound', id], queryFn: () => unboundBelow(id), enabled: good,
    staleTime: 30_000, retry: false,
  }).data ?? none;
  const answers = useQueries({
    queries: (points.length ? models.slice(0, modelsLimit) : []).map((model) => ({
      queryKey: ['twin-shape', model.id, languageNow()], staleTime: 600_000,
      queryFn: () => getJson<Shape>(
        `${modelUrl(model.id)}${query({ resolved: true, language: languageNow() })}`),
    })),
  });
  const ready = answers.filter((one) => one.data).length;
  return useMemo(() => {
    const shapes = answers.flatMap((one) => (one.data ? [one.data] : []));
    return {
      points, places: placesBelow(id, points).slice(0, fitsShown),
      fits: ranked(shapes, id, points)
        .filter((one) => one.count >= points.length * leastShare).slice(0, fitsShown),
    };
    // The answers change only as they become ready.
    // eslint-disable-next-line
  }, [id, points, ready]);
}
const none: Candidate[] = [];
