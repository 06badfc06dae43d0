import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { Loading } from '~/app/Loading';
import { getJson, seg } from '~/lib/api';
import { Empty, PageFrame, ProblemAlert } from '~/ui';
import { localised } from '~/words/localised';
import { sceneOf, useAddress, type Address } from './address';
import type { Scene } from './contract';
import { readScene } from './model/scene';
import { Place } from './Place';
import { useScenes, useSite, type SceneEntry } from './useScene';
import { words } from './words';

export default function Plant(): ReactNode {
  const t = words.use();
  const address = useAddress();
  const scenes = useScenes();
  const entries = scenes.data ?? [];
  const byId = sceneOf(entries.map((one) => one.site), address.twin);
  const elsewhere = useElsewhere(entries, byId === null ? address.twin : undefined);
  const name = byId ?? elsewhere.site;
  const { site, error, retry } = useSite(name ?? undefined);
  const problem = scenes.error ?? elsewhere.error ?? error;
  if (problem)
    return (
      <PageFrame title={t('title')}>
        <ProblemAlert error={problem} retry={() => {
          if (scenes.error) void scenes.refetch();
          else void retry();
        }} />
      </PageFrame>
    );
  if (!scenes.data || elsewhere.busy) return <Loading />;
  if (!name) return <NoScene entries={entries} address={address} />;
  if (!site) return <Loading />;
  return <Place key={name} site={site} name={name} address={address}
    sites={entries.map((one) => ({ value: one.site, label: localised(one.name) || one.site }))} />;
}

const scenesLooked = 20;

// A twin that stands in a scene of another site, as a zone may in its works': the scenes say so.
function useElsewhere(entries: SceneEntry[], twin: string | undefined) {
  const answer = useQuery({
    queryKey: ['scene-with', twin, entries.map((one) => one.site)],
    queryFn: async ({ signal }) => {
      const first = twin?.split('/')[0] ?? '';
      const near = entries.filter(({ site }) => site.split('/')[0] === first);
      for (const { site } of near.slice(0, scenesLooked)) {
        const scene = await getJson<Scene>(`/api/v1/twins/${seg(site)}/scene`, { signal });
        if (readScene(scene).twins.some((one) => one === twin || one.startsWith(`${twin}/`)))
          return site;
      }
      return null;
    },
    enabled: twin !== undefined && entries.length > 0, staleTime: 60_000,
  });
  return { site: answer.data ?? null, busy: answer.isLoading, error: answer.error };
}

// One sentence, one button, one command.
function NoScene({ entries, address }: { entries: SceneEntry[]; address: Address }): ReactNode {
  const t = words.use();
  const go = useNavigate();
  const { twin } = address;
  const [other] = entries;
  return (
    <PageFrame title={t('title')}>
      <Empty title={twin ? t('noSceneOf', { twin }) : t('noScene')} text={t('noSceneText')}
        action={other ? { label: t('openOther', { name: localised(other.name) || other.site }),
          run: () => address.open(other.site) }
          : { label: t('openTwins'), run: () => void go('/twin') }}
        command={`headworks twin scene put ${twin ?? 'bluewater/plant1'} ` +
          (twin ? 'scene.json' : 'examples/waterworks/scene.json')} />
    </PageFrame>
  );
}
