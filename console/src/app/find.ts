// What the palette finds: how well a text fits, and what was opened lately.
export type Kind = 'page' | 'point' | 'twin' | 'device' | 'rule' | 'client' | 'note' | 'action';

export interface Found {
  kind: Kind;
  id: string;
  title?: string;
}

const startOfWord = (text: string, at: number): boolean =>
  at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ||
  (/\p{Lu}/u.test(text[at] ?? '') && /\p{Ll}/u.test(text[at - 1] ?? ''));

// How well `wanted` fits: 0 not at all, more is better. The words may stand in any order, and the
// letters of one may be apart ("flt1" fits "filter1"); a beginning counts more than a middle.
export function fit(text: string, wanted: string): number {
  const lower = text.toLowerCase();
  let sum = 1;
  for (const word of wanted.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = lower.indexOf(word);
    const one = at >= 0 ? (startOfWord(text, at) ? 100 : 60) - Math.min(30, at) / 10
      : scattered(text, lower, word);
    if (one === 0) return 0;
    sum += one;
  }
  return sum;
}

// The letters in their order from one place on; how far apart they lie, or none.
function spread(lower: string, word: string, from: number): number {
  let at = from;
  for (const letter of word.slice(1)) {
    at = lower.indexOf(letter, at + 1);
    if (at < 0) return Infinity;
  }
  return at - from;
}

function scattered(text: string, lower: string, word: string): number {
  if (word.length < 2) return 0;
  const starts = [...lower].flatMap((_, i) => (startOfWord(text, i) ? [i] : []));
  const initials = starts.map((i) => lower[i]).join('');
  const first = initials.indexOf(word[0] ?? '');
  if (first >= 0 && Number.isFinite(spread(initials, word, first))) return 40;
  // Letters that lie far apart fit by chance.
  const near = starts.some((i) => lower[i] === word[0]
    && spread(lower, word, i) <= 3 * word.length);
  return near ? 20 : 0;
}

const recentKey = 'headworks.recent';
const recentLimit = 12;

export interface Recent extends Found {
  text: string;
}

const kinds = new Set(['page', 'point', 'twin', 'device', 'rule', 'client', 'action']);

export function readRecent(): Recent[] {
  try {
    const all = JSON.parse(localStorage.getItem(recentKey) ?? '[]') as unknown;
    return Array.isArray(all) ? all.filter((one: Partial<Recent>): one is Recent =>
      kinds.has(one?.kind ?? '') && typeof one.id === 'string' && typeof one.text === 'string')
      : [];
  } catch {
    return [];
  }
}

// Puts it first; a browser that keeps nothing (private windows) goes without.
export function keepRecent(hit: Recent): void {
  const others = readRecent().filter((one) => one.kind !== hit.kind || one.id !== hit.id);
  try {
    localStorage.setItem(recentKey,
      JSON.stringify([hit, ...others].slice(0, recentLimit)));
  } catch {
    return;
  }
}
