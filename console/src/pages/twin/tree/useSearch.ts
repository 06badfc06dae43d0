import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { getJson, query, sendJson } from '~/lib/api';
import { shortModel, useModels, useShape, type Page, type Twin } from '../data';
import { matches, needsValues, serverPart, type Known, type Search } from './filter';

const pageSize = 1000;
const hitsLimit = 500;
// So many twins are looked through at once; then the person says whether to go on.
const scanLimit = 20_000;

// Names for completion and checks: all models; properties of the model that is asked for, else
// those of some twins that there are.
export function useKnown(model: string | undefined, wanted: boolean): Known {
  const models = useModels().data;
  const shape = useShape(model).data;
  const sample = useQuery({
    queryKey: ['twin-properties'],
    queryFn: () => getJson<Page<Twin>>('/api/v1/twins?limit=300').then((page) =>
      [...new Set(page.items.flatMap((twin) => Object.keys(twin.properties)))].sort()),
    staleTime: 600_000, enabled: wanted,
  }).data;
  return useMemo(() => ({
    models: (models ?? []).map(({ id }) => ({ id, short: shortModel(id) })),
    properties: shape ? shape.slots.map((slot) => slot.path) : sample ?? [],
  }), [models, shape, sample]);
}

export interface Hits {
  items: Twin[];
  scanned: number;
  state: 'running' | 'done' | 'paused';
  error: unknown;
}

// Looks through the twins page by page, newest answer first on the screen. `more` goes on.
export function useScan(search: Search | null): Hits & { more: () => void } {
  const [hits, setHits] = useState<Hits>({ items: [], scanned: 0, state: 'done', error: null });
  const [budget, setBudget] = useState(scanLimit);
  const key = JSON.stringify(search);
  useEffect(() => setBudget(scanLimit), [key]);
  useEffect(() => {
    const wanted = JSON.parse(key) as Search | null;
    if (!wanted) return;
    const stop = new AbortController();
    const run = async () => {
      let items: Twin[] = [];
      let scanned = 0;
      let cursor: string | null = null;
      setHits({ items, scanned, state: 'running', error: null });
      do {
        const page: Page<Twin> = await getJson<Page<Twin>>(`/api/v1/twins${query({
          ...serverPart(wanted), values: needsValues(wanted), limit: pageSize, cursor,
        })}`, { signal: stop.signal });
        scanned += page.items.length;
        items = [...items, ...page.items.filter((twin) => matches(wanted, twin))];
        cursor = page.next;
        setHits({ items: items.slice(0, hitsLimit), scanned, state: 'running', error: null });
      } while (cursor && scanned < budget && items.length < hitsLimit);
      setHits({
        items: items.slice(0, hitsLimit), scanned, error: null,
        state: cursor || items.length > hitsLimit ? 'paused' : 'done',
      });
    };
    run().catch((error: unknown) => {
      if (!stop.signal.aborted) setHits((old) => ({ ...old, state: 'done', error }));
    });
    return () => stop.abort();
  }, [key, budget]);
  return { ...hits, more: () => setBudget((old) => old + scanLimit) };
}

export interface SqlAnswer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  count: number;
  cut: boolean;
}

export const useSql = (sql: string | null) =>
  useQuery({
    queryKey: ['twin-sql', sql],
    queryFn: ({ signal }) =>
      sendJson<SqlAnswer>('POST', '/api/v1/twins/query?limit=1000', { sql }, { signal }),
    enabled: Boolean(sql),
    retry: false,
  });
