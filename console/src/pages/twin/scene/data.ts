import { useQuery } from '@tanstack/react-query';
import { ApiError, getJson, seg, send, sendJson, type Schemas } from '~/lib/api';
import type { LocalText } from '~/words/localised';
import { twinUrl } from '../data';

// A scene as the server keeps it: texts in all their languages, members this page does not know
// carried along (docs/twin_scene.md).
export type Shape = { kind: string } & Record<string, unknown>;
export type Vector = [number, number, number];

export interface RawNode {
  id: string;
  name?: LocalText;
  parent?: string;
  layer?: string;
  twin?: string;
  position?: Vector;
  rotation?: Vector;
  quaternion?: [number, number, number, number];
  scale?: number | Vector;
  shape?: Shape;
  [member: string]: unknown;
}

export interface RawScene {
  format: string;
  name?: LocalText;
  up?: 'y' | 'z';
  layers?: { id: string; name?: LocalText }[];
  nodes: RawNode[];
  [member: string]: unknown;
}

export interface Read {
  scene: RawScene;
  etag: string;
}

export interface SceneFlaw {
  field: string;
  node?: string;
  text: string;
}

export interface SceneEntry {
  site: string;
  name: LocalText;
  nodes: number;
  revision: number;
}

export const sceneUrl = (site: string, rest = ''): string => twinUrl(site, `/scene${rest}`);

// The server leaves out what is empty.
export const whole = (scene: Omit<RawScene, 'nodes'> & { nodes?: RawNode[] }): RawScene =>
  ({ ...scene, nodes: scene.nodes ?? [] }) as RawScene;

export async function readScene(site: string): Promise<Read> {
  const answer = await send(sceneUrl(site));
  return { scene: whole(await answer.json() as RawScene), etag: answer.headers.get('etag') ?? '' };
}

export const useSceneList = () => useQuery({
  queryKey: ['scenes'],
  queryFn: () => getJson<{ items: SceneEntry[] }>('/api/v1/twin/scenes').then((all) => all.items),
  staleTime: 60_000,
});

// The tag that was read, or that there was none: nobody's work is written over unseen.
const condition = (etag: string | null): HeadersInit =>
  (etag === null ? { 'If-None-Match': '*' } : { 'If-Match': etag });

export const saveScene = (site: string, scene: RawScene, etag: string | null) =>
  sendJson<Schemas['SceneChange']>('PUT', sceneUrl(site), scene, { headers: condition(etag) });

export const removeScene = (site: string, etag: string): Promise<Response> =>
  send(sceneUrl(site), { method: 'DELETE', headers: condition(etag) });

// What is wrong and what is doubtful, as the server sees it; nothing is kept.
export async function checkScene(site: string, scene: RawScene, signal: AbortSignal):
  Promise<{ errors: SceneFlaw[]; warnings: SceneFlaw[]; more: number }> {
  try {
    const good = await sendJson<{ warnings?: SceneFlaw[]; more?: number }>(
      'POST', sceneUrl(site, '/check'), scene, { signal });
    return { errors: [], warnings: good.warnings ?? [], more: good.more ?? 0 };
  } catch (error) {
    const told = error instanceof ApiError ? error.problem.errors : undefined;
    if (!(error instanceof ApiError) || !Array.isArray(told)) throw error;
    return { errors: told as SceneFlaw[], warnings: [], more: Number(error.problem.more ?? 0) };
  }
}

// glTF files that scenes place.
export type Asset = Schemas['TwinAsset'] & { name: string; bytes: number; revision: number };

export const assetsLimit = 64 * 1024 * 1024; // bytes, all together

export const assetUrl = (name: string): string => `/api/v1/twin/assets/${seg(name)}`;

export const useAssets = () => useQuery({
  queryKey: ['twin-assets'],
  queryFn: () =>
    getJson<{ items: Asset[] }>('/api/v1/twin/assets').then((list) => list.items),
});

export async function putAsset(name: string, file: Blob, before: Asset | undefined):
  Promise<Asset> {
  const answer = await send(assetUrl(name), {
    method: 'PUT', body: file,
    headers: {
      'content-type': /\.gltf$/i.test(name) ? 'model/gltf+json' : 'model/gltf-binary',
      ...condition(before ? `"${before.revision}"` : null),
    },
  });
  return await answer.json() as Asset;
}

export const removeAsset = (asset: Asset): Promise<Response> =>
  send(assetUrl(asset.name), {
    method: 'DELETE', headers: condition(`"${asset.revision}"`),
  });
