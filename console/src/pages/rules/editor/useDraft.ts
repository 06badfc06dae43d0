import { useCallback, useEffect, useState } from 'react';
import { useBlocker } from 'react-router';
import type { RuleSpec } from '../data';

export interface Draft {
  spec: RuleSpec;
  dirty: boolean;
  change: (part: Partial<RuleSpec>) => void;
  // What is in the editor is now what the server has.
  settle: (spec: RuleSpec) => void;
}

export const sameSpec = (a: RuleSpec, b: RuleSpec): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

export function useDraft(start: RuleSpec): Draft {
  const [base, setBase] = useState(start);
  const [spec, setSpec] = useState(start);
  const change = useCallback((part: Partial<RuleSpec>) =>
    setSpec((old) => ({ ...old, ...part })), []);
  const settle = useCallback((saved: RuleSpec) => {
    setBase(saved);
    setSpec(saved);
  }, []);
  return { spec, dirty: !sameSpec(base, spec), change, settle };
}

// Guards what is not saved: leaving the page, and leaving the tab.
export function useGuard(dirty: boolean): ReturnType<typeof useBlocker> {
  useEffect(() => {
    if (!dirty) return;
    const stop = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', stop);
    return () => window.removeEventListener('beforeunload', stop);
  }, [dirty]);
  return useBlocker(({ currentLocation, nextLocation }) => {
    if (!dirty) return false;
    const of = (search: string) => new URLSearchParams(search).get('rule');
    return currentLocation.pathname !== nextLocation.pathname
      || of(currentLocation.search) !== of(nextLocation.search)
      || new URLSearchParams(currentLocation.search).get('new')
        !== new URLSearchParams(nextLocation.search).get('new');
  });
}
