import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson, query, type Schemas } from '~/lib/api';
import type { Page } from '~/lib/points';
import { languageNow } from '~/lib/words';
import type { LocalText } from '~/words/localised';
import { localScene } from './model/local';
import { readScene, type SceneModel } from './model/scene';
import type { OpenOrder } from './model/trouble';
import { LiveTwins, readBound, type BoundInfo } from './sources/live';

export interface SceneEntry {
  site: string;
  name: LocalText;
  nodes: number;
}

export const useScenes = () => useQuery({
  queryKey: ['scenes'],
  queryFn: () => getJson<Page<SceneEntry>>('/api/v1/twin/scenes').then((page) => page.items),
  staleTime: 60_000,
});

export interface Site {
  model: SceneModel;
  info: Map<string, BoundInfo>;
  live: LiveTwins;
}

// A scene with what its bindings are bound to, and the stream of their values.
export function useSite(site: string | undefined) {
  const answer = useQuery({
    queryKey: ['scene', site, languageNow()],
    queryFn: async ({ signal }) => {
      const scene = await getJson<Schemas['Scene']>(
        `/api/v1/twins/${encodeURIComponent(site ?? '')}/scene`, { signal });
      const model = readScene(localScene(scene));
      return { model, info: await readBound(model.bound, model.twins, signal) };
    },
    enabled: site !== undefined,
    staleTime: 300_000,
  });
  const made = useMemo((): Site | null => answer.data ? {
    ...answer.data,
    live: LiveTwins.of(answer.data.model.bound, answer.data.model.twins, answer.data.info),
  } : null, [answer.data]);
  return { site: made, error: answer.error, retry: answer.refetch };
}

// Desired values that the plant has not taken up, or has left again.
export function useOpenOrders(site: string): OpenOrder[] {
  const answer = useQuery({
    queryKey: ['plant-orders', site],
    queryFn: ({ signal }) => getJson<Page<OpenOrder>>(
      `/api/v1/twin/orders${query({ kind: 'desired', twin: `${site}/#`, limit: 500 })}`,
      { signal }).then((page) => page.items),
    refetchInterval: 5_000,
  });
  return answer.data ?? none;
}
const none: OpenOrder[] = [];
