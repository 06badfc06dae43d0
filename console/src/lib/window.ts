import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { resolveTime } from './time';

// The time window all pages share: `from` and `to` of the URL, as in "now-6h" or RFC 3339; `at` is
// the moment a page replays (none: live).
export interface TimeWindow {
  from: string;
  to: string;
  at: string | null;
  resolve: (now: number) => { from: number; to: number };
  set: (change: { from?: string; to?: string; at?: string | null }) => void;
}

export function useTimeWindow(usual = 'now-1h'): TimeWindow {
  const [search, setSearch] = useSearchParams();
  const from = search.get('from') ?? usual;
  const to = search.get('to') ?? 'now';
  const at = search.get('at');
  const set = useCallback(
    (change: { from?: string; to?: string; at?: string | null }) =>
      setSearch(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(change))
            if (value) next.set(name, value);
            else next.delete(name);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return useMemo(
    () => ({
      from, to, at, set,
      resolve: (now: number) => ({ from: resolveTime(from, now), to: resolveTime(to, now) }),
    }),
    [from, to, at, set],
  );
}
