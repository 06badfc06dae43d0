import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { getJson, query } from '~/lib/api';
import { useSession } from '~/lib/session';
import { base, type Levels } from '../model';
import { TopicLink } from './link';
import { TopicStore, type TopicNode } from './store';

const rendersEveryMs = 250;
const levelsAtOnce = 1000;

export interface Explorer {
  store: TopicStore;
  link: TopicLink;
  version: number; // changes at most four times a second
  load: (node: TopicNode, more?: boolean) => void;
  problem: unknown;
}

// Filters that a person typed, by commas or blanks.
export const filtersOf = (text: string): string[] =>
  [...new Set(text.split(/[\s,]+/).filter(Boolean))].slice(0, 50);

// The store, the live link that feeds it, and what the server tells of levels that were opened.
export function useExplorer(filters: string, live: boolean): Explorer {
  const [store] = useState(() => new TopicStore());
  const link = useMemo(() => new TopicLink(store), [store]);
  const [problem, setProblem] = useState<unknown>(null);
  const asked = useRef(new Set<TopicNode>());
  const session = useSession().data;
  const user = session?.user?.name ?? null;
  const scope = session?.user?.scope || '#';
  const known = session !== undefined;
  useEffect(() => {
    const timer = window.setInterval(() => store.flush(performance.now()), rendersEveryMs);
    return () => window.clearInterval(timer);
  }, [store]);
  useEffect(() => {
    if (!known || !live) return undefined;
    const wanted = filtersOf(filters || scope);
    // Births that the broker keeps name the metrics that later payloads have by alias only.
    const births = scope === '#' ? ['$sparkplug/certificates/#'] : [];
    link.start([...wanted, ...births], user);
    return () => link.stop();
  }, [link, filters, live, user, scope, known]);
  const load = useCallback((node: TopicNode, more = false) => {
    if (asked.current.has(node) || (node.loaded && !more)) return;
    asked.current.add(node);
    const prefix = node === store.root ? undefined : node.topic;
    getJson<Levels>(`${base}/topics${query({ prefix, limit: levelsAtOnce,
      after: more ? node.next : undefined })}`).then((page) => {
      store.merge(node, page.items, page.next ?? null);
      setProblem(null);
    }, setProblem).finally(() => asked.current.delete(node));
  }, [store]);
  const version = useSyncExternalStore(store.subscribe, store.getVersion);
  return { store, link, version, load, problem };
}
