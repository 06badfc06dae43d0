import { languageNow } from '~/lib/words';

// A text for people that a file of the plant gives in one language or in several: DTDL's
// displayName, a scene's labels.
export type LocalText = string | Record<string, string>;

// In every language: what a search looks at.
export const everyText = (text: LocalText | undefined): string[] =>
  (typeof text === 'object' ? Object.values(text) : text ? [text] : []);

const mainPart = (tag: string): string => tag.replace(/-.*$/, '');

// The text in the person's language, else in English, else the first there is.
export function localised(text: unknown, language: string = languageNow()): string | undefined {
  if (typeof text === 'string') return text;
  if (typeof text !== 'object' || text === null || Array.isArray(text)) return undefined;
  const texts = Object.entries(text).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string');
  for (const wanted of [language, 'en']) {
    const found = texts.find(([tag]) => tag === wanted)
      ?? texts.find(([tag]) => mainPart(tag) === mainPart(wanted));
    if (found) return found[1];
  }
  return texts[0]?.[1];
}
