import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

// What the page shows is in the address: reads all parameters, changes some; null takes one away.
// What leads to another view leaves an entry for the back button, what only filters does not.
export function useParams(): {
  get: (name: string) => string;
  set: (change: Record<string, string | null>, step?: boolean) => void;
} {
  const [params, setParams] = useSearchParams();
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  const set = useCallback(
    (change: Record<string, string | null>, step = false) =>
      setParams((old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(change))
          if (value) next.set(name, value);
          else next.delete(name);
        return next;
      }, { replace: !step }),
    [setParams],
  );
  return { get, set };
}
