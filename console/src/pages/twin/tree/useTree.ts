import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { getJson, query } from '~/lib/api';
import type { Page, Twin } from '../data';
import { flatten, levelsBelow, nodeOf, prefixesOf, rootsOf, type Branch } from './tree';

export type TreeMode = 'parts' | 'paths';

const pageSize = 500;
// Roots and levels without a twin of their own are looked for among so many twins.
const sampleSize = 2000;

const twins = (values: Parameters<typeof query>[0]) =>
  getJson<Page<Twin>>(`/api/v1/twins${query({ values: false, ...values })}`);

async function loadBranch(mode: TreeMode, parent: string, cursor?: string): Promise<Branch> {
  if (mode === 'parts') {
    if (parent === '') {
      const page = await twins({ limit: sampleSize, cursor });
      return { nodes: rootsOf(page.items).map(nodeOf), next: page.next };
    }
    const page = await twins({
      root: parent, along: 'partOf', incoming: true, depth: 1, limit: pageSize, cursor,
    });
    return {
      nodes: page.items.filter((twin) => twin.id !== parent).map(nodeOf)
        .sort((a, b) => a.id.localeCompare(b.id, undefined, { numeric: true })),
      next: page.next,
    };
  }
  const start = parent ? `${parent}/` : '';
  const [direct, sample] = await Promise.all([
    twins({ filter: `${start}+`, limit: pageSize, cursor }),
    cursor ? { items: [] as Twin[], next: null }
      : twins({ filter: `${start}#`, limit: pageSize }),
  ]);
  return { nodes: levelsBelow(parent, direct.items, sample.items), next: direct.next };
}

async function ancestorsOf(mode: TreeMode, id: string): Promise<string[]> {
  if (mode === 'paths') return prefixesOf(id);
  const page = await twins({ root: id, along: 'partOf', limit: 64 });
  return page.items.map((twin) => twin.id).filter((one) => one !== id);
}

// The tree with what is loaded of it. Branches come when they are opened, in pages.
export function useTree(mode: TreeMode, selected: string | null) {
  const [branches, setBranches] = useState<ReadonlyMap<string, Branch>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(new Set<string>());
  const generation = useRef(0);

  const load = useCallback((parent: string, cursor?: string) => {
    const key = `${parent} ${cursor ?? ''}`;
    if (asked.current.has(key)) return;
    asked.current.add(key);
    const mine = generation.current;
    loadBranch(mode, parent, cursor).then(
      (branch) => {
        if (mine !== generation.current) return;
        setError(null);
        setBranches((old) => {
          const before = cursor ? old.get(parent)?.nodes ?? [] : [];
          const known = new Set(before.map((node) => node.id));
          const nodes = [...before, ...branch.nodes.filter((node) => !known.has(node.id))];
          return new Map(old).set(parent, { nodes, next: branch.next });
        });
      },
      (failure: unknown) => {
        asked.current.delete(key);
        if (mine === generation.current) setError(failure);
      },
    );
  }, [mode]);

  const reload = useCallback(() => {
    generation.current += 1;
    asked.current.clear();
    setBranches(new Map());
    load('');
    setOpen((old) => {
      for (const id of old) load(id);
      return old;
    });
  }, [load]);

  useEffect(() => {
    setOpen(new Set());
    reload();
  }, [reload]);

  // What is chosen is shown: its ancestors are opened.
  useEffect(() => {
    if (!selected) return;
    const mine = generation.current;
    ancestorsOf(mode, selected).then(
      (ancestors) => {
        if (mine !== generation.current) return;
        ancestors.forEach((id) => load(id));
        setOpen((old) => new Set([...old, ...ancestors]));
      },
      () => undefined,
    );
  }, [mode, selected, load]);

  const toggle = useCallback((id: string) => {
    load(id);
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, [load]);

  const rows = useMemo(() => flatten(branches, open), [branches, open]);
  return { rows, toggle, load, branches, error, reload };
}
