import { getJson, query, seg, send, sendJson } from '~/lib/api';
import {
  readRelationships, twinUrl, type Description, type Page, type Relationship, type Twin,
} from '../data';
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

// A PUT replaces what is there, so what is new is looked for first. By the list: that a new id is
// not there is no error for the browser to report.
export async function isThere(id: string): Promise<boolean> {
  const found = await getJson<Page<Twin>>(
    `/api/v1/twins${query({ filter: id, values: false, limit: 1 })}`);
  return found.items.length > 0;
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
