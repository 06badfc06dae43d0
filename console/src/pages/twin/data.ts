import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError, getJson, query, seg, send } from '~/lib/api';
import type { Trust } from '~/lib/live';
import { languageNow } from '~/lib/words';
import { trustOf } from '~/ui';
import { everyText, localised, type LocalText } from '~/words/localised';

// What the twins' API answers, and the hooks that ask.
export interface TwinValue {
  value: unknown;
  time?: string;
  quality: string;
  stale?: boolean;
  origin: 'none' | 'fixed' | 'point' | 'derived';
  unit?: string;
  point?: string;
}

export interface Relationship {
  source: string;
  name: string;
  target: string;
  properties?: Record<string, unknown>;
}

export interface Twin {
  id: string;
  model: string;
  name?: LocalText;
  revision: number;
  created_at: string;
  updated_at: string;
  updated_by?: string;
  properties: Record<string, TwinValue>;
  relationships?: Relationship[];
  relationships_more?: number;
}

export interface Description {
  id?: string;
  model: string;
  name?: LocalText;
  properties?: Record<string, unknown>;
  bindings?: Record<string, string>;
}

export interface Version {
  revision: number;
  from: string;
  to?: string;
  actor?: string;
  description: Description;
}

export interface Slot {
  path: string;
  kind: 'Telemetry' | 'Property';
  schema: string;
  displayName?: string;
  description?: string;
  unit?: string;
  fixed?: boolean;
  writable?: boolean;
  expression?: string;
  minimum?: number;
  maximum?: number;
  staleAfter?: string;
  point?: string;
  definedIn: string;
}

export interface ModelCommand {
  name: string;
  displayName?: string;
  description?: string;
  request?: { name: string; schema: string; nullable?: boolean };
  response?: { name: string; schema: string };
  definedIn: string;
}

export interface ModelRelationship {
  name: string;
  displayName?: string;
  description?: string;
  target?: string;
  maxMultiplicity?: number;
  definedIn: string;
}

// A model with all that it inherits.
export interface Shape {
  id: string;
  displayName?: string;
  description?: string;
  ancestors: string[];
  slots: Slot[];
  relationships: ModelRelationship[];
  commands: ModelCommand[];
}

export interface ModelRow {
  id: string;
  displayName?: string;
  description?: string;
  extends?: string[];
  contents: number;
  slots: number;
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Order {
  kind: 'desired' | 'command';
  id: string;
  twin: string;
  path?: string;
  command?: string;
  value?: unknown;
  request?: unknown;
  response?: unknown;
  state: string;
  detail?: string;
  keep?: boolean;
  asked_at: string;
  changed_at?: string;
  ended_at?: string;
  next_attempt?: string;
  deadline?: string;
  applied_at?: string;
  reported?: unknown;
  actor?: string;
  reason?: string;
  writes?: { path: string; value: unknown; done: boolean }[];
}

export const twinUrl = (id: string, rest = ''): string => `/api/v1/twins/${seg(id)}${rest}`;
export const modelUrl = (id: string): string => `/api/v1/twin/models/${seg(id)}`;

// "dtmi:headworks:water:Pump;1" is "Pump" for people.
export const shortModel = (dtmi: string): string =>
  /([^:;]+)(?:;[\d.]+)?$/.exec(dtmi)?.[1] ?? dtmi;

// A twin's name in the person's language; its id where it has none.
export const nameOf = (twin: Pick<Twin, 'id' | 'name'>): string =>
  localised(twin.name) || twin.id;

// What a search looks at: the id and the name in every language.
export const searchText = ({ id, name }: Pick<Twin, 'id' | 'name'>): string =>
  [id, ...everyText(name)].join(' ').toLowerCase();

export const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const useTwin = (id: string | null, at?: string | null) =>
  useQuery({
    queryKey: ['twin', id, at ?? ''],
    queryFn: ({ signal }) => getJson<Twin>(twinUrl(id ?? '') + query({ at }), { signal }),
    enabled: Boolean(id),
  });

export const useShape = (model: string | undefined) =>
  useQuery({
    queryKey: ['twin-shape', model, languageNow()],
    queryFn: ({ signal }) => getJson<Shape>(
      `${modelUrl(model ?? '')}${query({ resolved: true, language: languageNow() })}`, { signal }),
    enabled: Boolean(model),
    staleTime: 600_000,
  });

export const useModels = () =>
  useQuery({
    queryKey: ['twin-models', languageNow()],
    queryFn: () => getJson<Page<ModelRow>>(
      `/api/v1/twin/models${query({ limit: 10_000, language: languageNow() })}`)
      .then((page) => page.items),
    staleTime: 60_000,
  });

// What a model is called in the person's language; its short id until that is known.
export function useModelName(): (dtmi: string) => string {
  const models = useModels().data;
  const names = useMemo(() => new Map((models ?? []).map((one) => [one.id, one.displayName])),
    [models]);
  return (dtmi) => names.get(dtmi) || shortModel(dtmi);
}

export const useDesired = (id: string) =>
  useQuery({
    queryKey: ['twin-desired', id],
    queryFn: () =>
      getJson<{ items: Order[] }>(twinUrl(id, '/desired')).then((list) => list.items),
    refetchInterval: 5000,
  });

export const useOrders = (id: string) =>
  useQuery({
    queryKey: ['twin-orders', id],
    queryFn: () => getJson<Page<Order>>(`/api/v1/twin/orders${query({ twin: id, limit: 200 })}`)
      .then((page) => page.items),
    refetchInterval: 5000,
  });

export const useVersions = (id: string) =>
  useQuery({
    queryKey: ['twin-versions', id],
    queryFn: () =>
      getJson<{ items: Version[] }>(twinUrl(id, '/versions')).then((list) => list.items),
  });

export const readRelationships = (id: string, direction: 'outgoing' | 'incoming') =>
  getJson<Page<Relationship>>(
    twinUrl(id, `/relationships${query({ direction, limit: 2000 })}`));

export const useRelationships = (id: string) =>
  useQuery({
    queryKey: ['twin-relationships', id],
    queryFn: async () => {
      const [out, into] = await Promise.all([
        readRelationships(id, 'outgoing'), readRelationships(id, 'incoming')]);
      return { out: out.items, into: into.items, more: Boolean(out.next ?? into.next) };
    },
  });

// The description and the revision that an edit of it rests on.
export async function readDescription(id: string): Promise<{ text: string; etag: string }> {
  const [description, twin] = await Promise.all([
    getJson<Description>(twinUrl(id, '/description')),
    send(twinUrl(id)),
  ]);
  await twin.body?.cancel();
  // The id is the address and cannot be changed here.
  const { id: _, ...rest } = description;
  return {
    text: JSON.stringify(rest, null, 2),
    etag: twin.headers.get('etag') ?? '',
  };
}

export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.status === 412;

// Whether a value may be believed: the link, then age, then quality.
export function trustOfTwin(value: TwinValue | undefined, linkDown: boolean): Trust {
  if (!value || value.origin === 'none' || value.value === null || value.value === undefined)
    return linkDown ? 'offline' : 'none';
  if (linkDown && value.origin !== 'fixed') return 'offline';
  if (value.quality.startsWith('bad')) return 'bad';
  if (value.stale) return 'stale';
  return trustOf(value.quality);
}

// Numbers, texts and booleans as they are; the rest as JSON.
export function plain(value: unknown): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean);
}
