import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useLanguage } from '~/lib/words';

// The server's own texts (what a setting, an address or a function means) are English. Beside each
// the console keeps its Chinese, one file a space, fetched only by a Chinese page that needs it.
// The English text is the key: one that has changed is shown in English, never as what it was.
// tests/system/console_texts_test.py asks a server for all of them and names what is missing.
const spaces = {
  connectors: () => import('./server/connectors.json'),
  drivers: () => import('./server/drivers.json'),
  functions: () => import('./server/functions.json'),
  scenarios: () => import('./server/scenarios.json'),
  settings: () => import('./server/settings.json'),
  system: () => import('./server/system.json'),
};
export type Space = keyof typeof spaces;
export type Texts = Record<string, string>;

const textMembers = new Set(['help', 'title', 'label']);

// The same answer with the texts of it and of all within it in Chinese, where there is one.
export function translated<T>(answer: T, texts: Texts): T {
  if (Array.isArray(answer)) return answer.map((item: unknown) => translated(item, texts)) as T;
  if (answer === null || typeof answer !== 'object') return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]: [string, unknown]) => [
    name, typeof value === 'string' && textMembers.has(name) && Object.hasOwn(texts, value)
      ? texts[value] : translated(value, texts)])) as T;
}

// Turns an answer of the server into the person's language: the `select` of a query.
export function useServerTexts(space: Space): <T>(answer: T) => T {
  const chinese = useLanguage() === 'zh';
  const texts = useQuery<Texts>({
    queryKey: ['server-texts', space],
    queryFn: () => spaces[space]().then((file) => file.default),
    enabled: chinese, staleTime: Infinity, gcTime: Infinity,
  }).data;
  return useCallback(<T,>(answer: T): T => (chinese && texts ? translated(answer, texts) : answer),
    [chinese, texts]);
}
