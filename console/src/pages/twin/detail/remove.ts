import { ApiError, getJson, seg, send, sendJson } from '~/lib/api';
import { readRelationships, twinUrl, type Description, type Relationship } from '../data';
import { words } from '../words';

// What is needed to put a removed twin back.
export interface Kept {
  description: Description;
  relationships: Relationship[];
}

export async function removeTwin(id: string): Promise<Kept> {
  const [description, out, into] = await Promise.all([
    getJson<Description>(twinUrl(id, '/description')),
    readRelationships(id, 'outgoing'),
    readRelationships(id, 'incoming'),
  ]);
  await send(`${twinUrl(id)}?cascade=true`, { method: 'DELETE' });
  return { description, relationships: [...out.items, ...into.items] };
}

// A PUT replaces what is there, so what is new is looked for first.
export async function isThere(id: string): Promise<boolean> {
  try {
    await getJson(twinUrl(id, '/description'));
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

export async function restoreTwin({ description, relationships }: Kept): Promise<void> {
  const { id, ...rest } = description;
  if (await isThere(id ?? '')) throw new Error(words.now('idTaken', { id: id ?? '' }));
  await sendJson('PUT', twinUrl(id ?? ''), rest);
  for (const { source, name, target, properties } of relationships)
    await relate(source, name, target, properties);
}

export const relationUrl = (source: string, name: string, target: string): string =>
  twinUrl(source, `/relationships/${seg(name)}/${seg(target)}`);

export const relate = (source: string, name: string, target: string,
  properties?: Record<string, unknown>): Promise<Relationship> =>
  sendJson<Relationship>('PUT', relationUrl(source, name, target),
    properties && Object.keys(properties).length ? { properties } : {});
