import { useQuery } from '@tanstack/react-query';
import { getJson, query, type Schemas } from './api';
import type { PointValue } from './live';

// What is known of a point beside its values.
export interface PointInfo {
  point: string;
  type: string;
  unit: string | null;
  value: PointValue;
  quality: string;
  time: string;
  first_time: string;
  last_time: string;
  count: number;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type TwinSummary = Schemas['Twin'];

// All points; kept for a minute. For pickers over many points use the search of the server.
export const usePoints = (filter = '#') =>
  useQuery({
    queryKey: ['points', filter],
    queryFn: () =>
      getJson<Page<PointInfo>>(`/api/v1/points${query({ filter, limit: 20_000 })}`).then(
        (page) => page.items,
      ),
    staleTime: 60_000,
  });

export interface HistoryRow {
  point: string;
  time: string;
  value: PointValue;
  quality: string;
}

// The last hour of a point as [epoch ms, value] for sparklines; at most `width` rows.
export const readHistory = (
  point: string, from: string, to: string, width: number, signal?: AbortSignal,
) =>
  getJson<Page<HistoryRow>>(
    `/api/v1/history${query({ point, from, to, max_points: width })}`, { signal },
  ).then((page) => page.items);
