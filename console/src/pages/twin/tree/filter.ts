import { searchText, type Twin, type TwinValue } from '../data';

// The language of the search box: words that id or name must have, and
//   model:Pump  in:works/station (part of it)  path:works/+/pump1  quality:bad  is:stale
//   power > 50  running = true  status != "idle"
// all of which must hold; AND between them may be written or left out. What begins with SELECT or
// WITH is SQL over the twins.
export type Op = '>' | '>=' | '<' | '<=' | '=' | '!=';

export interface Condition {
  path: string;
  op: Op;
  value: string | number | boolean;
}

export interface Search {
  words: string[];
  model?: string;
  within?: string;
  path?: string;
  quality?: string;
  stale: boolean;
  conditions: Condition[];
}

export interface Flaw {
  from: number;
  to: number;
  key: 'flawWord' | 'flawValue' | 'flawModel' | 'flawProperty' | 'flawQuality' | 'flawQuote'
    | 'flawEmpty' | 'flawOr' | 'flawIs';
  values: Record<string, string>;
}

export interface Token {
  from: number;
  to: number;
  text: string;
  quoted: boolean;
}

export const isSql = (text: string): boolean => /^\s*(select|with)\s/i.test(text);

const tokenPattern = /"([^"]*)("?)|(>=|<=|!=|<>|[<>=])|([^\s"<>=!]+)|(!)/g;

export function tokens(text: string): { all: Token[]; flaws: Flaw[] } {
  const all: Token[] = [];
  const flaws: Flaw[] = [];
  for (const match of text.matchAll(tokenPattern)) {
    const from = match.index;
    const to = from + match[0].length;
    const quoted = match[1] !== undefined;
    if (quoted && !match[2]) flaws.push({ from, to, key: 'flawQuote', values: {} });
    all.push({ from, to, text: match[1] ?? match[0], quoted });
  }
  return { all, flaws };
}

const isOp = (token: Token | undefined): boolean =>
  Boolean(token && !token.quoted && /^(>=|<=|!=|<>|[<>=])$/.test(token.text));

// What is known for checking; empty lists check nothing.
export interface Known {
  models: { id: string; short: string }[];
  properties: string[];
}

export const resolveModel = (text: string, known: Known): string | undefined =>
  known.models.find((one) => one.id === text || one.short.toLowerCase() === text.toLowerCase())?.id;

function literal(token: Token): string | number | boolean {
  if (token.quoted) return token.text;
  if (/^(true|false)$/i.test(token.text)) return token.text.toLowerCase() === 'true';
  const number = Number(token.text);
  return token.text !== '' && Number.isFinite(number) ? number : token.text;
}

export function parseSearch(text: string, known: Known): { search: Search; flaws: Flaw[] } {
  const { all, flaws } = tokens(text);
  const search: Search = { words: [], stale: false, conditions: [] };
  const flaw = (token: Token, key: Flaw['key'], values: Flaw['values'] = {}) =>
    flaws.push({ from: token.from, to: token.to, key, values });
  for (let i = 0; i < all.length; i++) {
    const token = all[i] as Token;
    if (isOp(all[i + 1]) && !isOp(token)) {
      const op = all[i + 1] as Token;
      const value = all[i + 2];
      if (!value || isOp(value)) flaw(op, 'flawValue', { op: op.text });
      else {
        if (known.properties.length && !known.properties.includes(token.text))
          flaw(token, 'flawProperty',
            { name: token.text, near: nearest(token.text, known.properties) });
        search.conditions.push({
          path: token.text, op: (op.text === '<>' ? '!=' : op.text) as Op, value: literal(value),
        });
      }
      i += value && !isOp(value) ? 2 : 1;
      continue;
    }
    if (isOp(token) || token.text === '!') {
      flaw(token, 'flawWord', { text: token.text });
      continue;
    }
    if (!token.quoted && /^and$/i.test(token.text)) continue;
    if (!token.quoted && /^or$/i.test(token.text)) {
      flaw(token, 'flawOr');
      continue;
    }
    const prefix = token.quoted ? null : /^(model|in|path|quality|is):(.*)$/i.exec(token.text);
    if (!prefix) {
      if (token.text) search.words.push(token.text.toLowerCase());
      continue;
    }
    const name = (prefix[1] ?? '').toLowerCase();
    let rest = prefix[2] ?? '';
    const after = all[i + 1];
    if (!rest && after?.quoted && after.from === token.to) {
      rest = after.text;
      i += 1;
    }
    if (!rest) flaw(token, 'flawEmpty', { name });
    else takePrefix(search, name, rest, known, (key, values) => flaw(token, key, values));
  }
  return { search, flaws };
}

function takePrefix(search: Search, name: string, rest: string, known: Known,
  flaw: (key: Flaw['key'], values?: Flaw['values']) => void): void {
  if (name === 'model') {
    const model = resolveModel(rest, known);
    if (!model && known.models.length)
      flaw('flawModel', { name: rest, near: nearest(rest, known.models.map((one) => one.short)) });
    search.model = model ?? rest;
  } else if (name === 'in') search.within = rest;
  else if (name === 'path') search.path = rest;
  else if (name === 'quality') {
    if (!['good', 'bad', 'uncertain'].includes(rest)) flaw('flawQuality', { text: rest });
    search.quality = rest;
  } else if (rest === 'stale') search.stale = true;
  else flaw('flawIs', { text: rest });
}

// The name that takes the fewest changes.
export function nearest(name: string, names: string[]): string {
  let best = '';
  let least = Infinity;
  for (const one of names) {
    const cost = distance(name.toLowerCase(), one.toLowerCase());
    if (cost < least) [least, best] = [cost, one];
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length] ?? 0;
}

const compare: Record<Op, (a: number | string, b: number | string) => boolean> = {
  '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b,
  '=': (a, b) => a === b, '!=': (a, b) => a !== b,
};

function holds(condition: Condition, value: TwinValue | undefined): boolean {
  const actual = value?.value;
  if (actual === null || actual === undefined || typeof actual === 'object') return false;
  if (typeof actual !== typeof condition.value) return false;
  const plain = (one: unknown) => (typeof one === 'boolean' ? Number(one) : one) as number | string;
  return compare[condition.op](plain(actual), plain(condition.value));
}

export const needsValues = (search: Search): boolean =>
  search.conditions.length > 0 || search.stale || search.quality !== undefined;

// What the server does not do: words, conditions, quality.
export function matches(search: Search, twin: Twin): boolean {
  const text = searchText(twin);
  if (!search.words.every((word) => text.includes(word))) return false;
  if (!search.conditions.every((one) => holds(one, twin.properties[one.path]))) return false;
  const values = Object.values(twin.properties).filter((one) => one.origin !== 'none');
  if (search.stale && !values.some((one) => one.stale)) return false;
  return !search.quality || values.some((one) => one.quality.startsWith(search.quality ?? ''));
}

// What the server does.
export const serverPart = (search: Search): Record<string, string | boolean | undefined> => ({
  filter: search.path, model: search.model,
  ...(search.within ? { root: search.within, along: 'partOf', incoming: true } : {}),
});

export interface Completion {
  from: number;
  options: {
    label: string;
    detail?: string;
    apply?: string;
    kind: 'keyword' | 'model' | 'property';
  }[];
}

const keywords = ['model:', 'in:', 'path:', 'quality:bad', 'quality:uncertain', 'is:stale'];

// What may stand at a place of the text.
export function complete(text: string, at: number, known: Known): Completion | null {
  if (isSql(text)) return null;
  const { all } = tokens(text.slice(0, at));
  const last = all[all.length - 1];
  const token = last && last.to === at ? last : undefined;
  if (token?.quoted) return null;
  const before = token ? all[all.length - 2] : last;
  if (isOp(before) || isOp(token)) return null;
  const prefix = token && /^(model|quality):(.*)$/i.exec(token.text);
  if (token && prefix) {
    const from = token.from + (prefix[1] ?? '').length + 1;
    if (prefix[1]?.toLowerCase() === 'quality')
      return { from, options: ['good', 'uncertain', 'bad']
        .map((label) => ({ label, kind: 'keyword' as const })) };
    return { from, options: known.models.map((one) => (
      { label: one.short, detail: one.id, kind: 'model' as const })) };
  }
  return {
    from: token?.from ?? at,
    options: [
      ...keywords.map((label) => ({ label, kind: 'keyword' as const })),
      ...known.properties.map((label) => (
        { label, kind: 'property' as const, apply: `${label} ` })),
    ],
  };
}
