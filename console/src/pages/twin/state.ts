import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

// The page's state in the URL: one name, set or taken away.
export function useUrl(): {
  get: (name: string) => string | null;
  set: (change: Record<string, string | null | undefined>, replace?: boolean) => void;
} {
  const [search, setSearch] = useSearchParams();
  const get = useCallback((name: string) => search.get(name), [search]);
  const set = useCallback(
    (change: Record<string, string | null | undefined>, replace = true) =>
      setSearch((old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(change))
          if (value) next.set(name, value);
          else next.delete(name);
        return next;
      }, { replace }),
    [setSearch]);
  return { get, set };
}
