import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type SetParams = (change: Record<string, string | null>, step?: boolean) => void;

// What the page shows is in the address; null takes a parameter away. A step leaves an entry for
// the back button, a mere filter does not.
export function useParams(): { get: (name: string) => string; set: SetParams } {
  const [params, setParams] = useSearchParams();
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  const set = useCallback<SetParams>(
    (change, step = false) =>
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
