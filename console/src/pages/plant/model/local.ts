import type { Schemas } from '~/lib/api';
import { languageNow } from '~/lib/words';
import { localised } from '~/words/localised';
import type { Scene } from '../contract';

const textMembers = new Set(['name', 'description', 'text', 'format']);

function inLanguage(value: unknown, language: string): unknown {
  if (Array.isArray(value)) return value.map((item) => inLanguage(item, language));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]: [string, unknown]) => [
    name, name === 'extras' ? member : textMembers.has(name) ? localised(member, language)
      : inLanguage(member, language)]));
}

// A scene whose local texts (docs/twin_scene.md) are those of the person's language.
export const localScene = (
  scene: Schemas['Scene'], language: string = languageNow(),
): Scene => inLanguage(scene, language) as Scene;
