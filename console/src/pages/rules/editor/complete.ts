import type { FunctionInfo, StreamInfo } from '../data';
import { clauses, columnsOf, eventTopics, windows } from './language';

// What may stand at a place of a statement. Free of the editor, so that it can be tested.
export type SuggestionKind =
  | 'keyword' | 'window' | 'function' | 'column' | 'stream' | 'topic' | 'schema' | 'snippet';

export interface Suggestion {
  label: string;
  kind: SuggestionKind;
  insert: string;
  detail?: string;
  help?: string;
  // Where the cursor goes from the end of what is inserted; 0: stays.
  back?: number;
  // A level with more below: completion goes on at once.
  more?: boolean;
}

export interface Place {
  kind: 'topic' | 'text' | 'source' | 'member' | 'schema' | 'anything' | 'comment';
  from: number; // where what is typed begins
  typed: string;
  owner?: string; // of a member: what stands before the dot
}

// Where the text ends: outside, in a 'text', in a "text", or in a comment.
function openQuote(before: string): { quote: string; at: number } | null {
  let quote = '';
  let at = 0;
  for (let i = 0; i < before.length; i++) {
    const sign = before[i] as string;
    if (quote === '-') {
      if (sign === '\n') quote = '';
    } else if (quote === '*') {
      if (sign === '*' && before[i + 1] === '/') quote = '';
    } else if (quote) {
      if (sign === quote) quote = '';
    } else if (sign === '-' && before[i + 1] === '-') [quote, at] = ['-', i];
    else if (sign === '/' && before[i + 1] === '*') [quote, at] = ['*', i];
    else if (sign === "'" || sign === '"' || sign === '`') [quote, at] = [sign, i];
  }
  return quote ? { quote, at } : null;
}

export function placeIn(before: string): Place {
  const open = openQuote(before);
  if (open && (open.quote === '-' || open.quote === '*'))
    return { kind: 'comment', from: before.length, typed: '' };
  if (open) {
    const head = before.slice(0, open.at).replace(/\s+$/, '');
    const typed = before.slice(open.at + 1);
    const from = open.at + 1;
    const sourceText = /(\bfrom|\bjoin|,)$/i.test(head) && open.quote === '"'
      && /\b(from|join)\b[^;]*$/i.test(head) && !/\b(where|group|having|on)\b[^;]*$/i.test(
        head.slice(head.search(/\bfrom\b(?![^]*\bfrom\b)/i)));
    if (sourceText || /=~$/.test(head) || /\bpoints\s*\((\s*'[^']*'\s*,)*$/i.test(head))
      return { kind: 'topic', from, typed };
    if (/\b(schema_(encode|decode|check)\w*|avro_(en|de)code)\s*\($/i.test(head))
      return { kind: 'schema', from, typed };
    return { kind: 'text', from, typed };
  }
  const word = /[\w$@\u0080-\uffff]*$/.exec(before)?.[0] ?? '';
  const from = before.length - word.length;
  const head = before.slice(0, from);
  const owner = /([\w$@\u0080-\uffff.[\]]+)\.$/.exec(head)?.[1];
  if (owner) return { kind: 'member', from, typed: word, owner };
  if (/\b(from|join)\s+([^()'"]*,\s*)?$/i.test(head)
    && !/\b(where|group|having|select)\b[^]*$/i.test(head.slice(head.search(/\bfrom\b/i))))
    return { kind: 'source', from, typed: word };
  return { kind: 'anything', from, typed: word };
}

export interface Sources {
  functions: FunctionInfo[];
  streams: StreamInfo[];
  schemas: string[];
  // Members of payloads seen on the statement's topics.
  members: string[];
}

// Columns of CREATE STREAM name (a BIGINT, b STRUCT(c FLOAT)).
export function streamColumns(sql: string): string[] {
  const open = sql.indexOf('(');
  const end = sql.search(/\)\s*with\s*\(/i);
  if (open < 0 || end < open) return [];
  const columns: string[] = [];
  let depth = 0;
  let part = '';
  for (const sign of `${sql.slice(open + 1, end)},`) {
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (sign !== ',' || depth > 0) {
      part += sign;
      continue;
    }
    const name = /^\s*`?([^\s`]+)/.exec(part)?.[1];
    if (name) columns.push(name);
    part = '';
  }
  return columns;
}

// The kind of the statement's source decides which columns there are.
export function sourceKind(sql: string): 'message' | 'points' | 'events' | 'stream' | 'none' {
  const source = /\bfrom\s+("[^"]*"?|points\s*\(|[\w$]+)/i.exec(sql)?.[1] ?? '';
  if (source.startsWith('"$events')) return 'events';
  if (source.startsWith('"')) return 'message';
  if (/^points/i.test(source)) return 'points';
  return source ? 'stream' : 'none';
}

// Names that the statement itself gives: `... AS name`.
export const aliases = (sql: string): string[] =>
  [...sql.matchAll(/\bas\s+([\w\u0080-\uffff]+)/gi)].map((found) => found[1] as string);

function columnSuggestions(sql: string, sources: Sources): Suggestion[] {
  const kind = sourceKind(sql);
  const names = new Map<string, string>();
  const add = (all: readonly string[], detail: string) => {
    for (const name of all) if (!names.has(name)) names.set(name, detail);
  };
  if (kind === 'stream') {
    for (const stream of sources.streams)
      if (new RegExp(`\\b${stream.name.replace(/[^\w]/g, '\\$&')}\\b`).test(sql))
        add(streamColumns(stream.sql), stream.name);
  } else if (kind !== 'none') add(columnsOf[kind], kind);
  add(aliases(sql), 'AS');
  return [...names].map(([label, detail]) => ({ label, kind: 'column', insert: label, detail }));
}

// One row for a name, however many dialects have it.
function functionSuggestions(functions: FunctionInfo[]): Suggestion[] {
  const byName = new Map<string, FunctionInfo[]>();
  for (const one of functions) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return [...byName].map(([label, all]) => {
    const first = all[0] as FunctionInfo;
    const bare = all.every((one) => /\(\s*\)/.test(one.signature));
    return {
      label, kind: 'function', insert: `${label}()`, back: bare ? 0 : 1, detail: first.signature,
      help: all.map((one) => (all.length > 1 ? `${one.origin}: ` : '') + one.help
        + (one.example ? `\n${one.example} → ${one.example_result}` : '')).join('\n\n'),
    };
  });
}

const plain = (labels: readonly string[], kind: SuggestionKind): Suggestion[] =>
  labels.map((label) => ({ label, kind, insert: label }));

export function suggest(place: Place, sql: string, sources: Sources): Suggestion[] {
  switch (place.kind) {
    case 'comment':
    case 'text':
    case 'topic': return [];
    case 'schema': return plain(sources.schemas, 'schema');
    case 'source':
      return [
        { label: "points('…')", kind: 'snippet', insert: "points('')", back: 2, more: true },
        { label: '"topic/filter"', kind: 'snippet', insert: '""', back: 1, more: true },
        ...sources.streams.map((stream): Suggestion => ({
          label: stream.name, kind: 'stream', insert: stream.name,
          detail: stream.table ? 'TABLE' : 'STREAM', help: stream.sql,
        })),
        ...eventTopics.map((topic): Suggestion => ({
          label: `"${topic}"`, kind: 'topic', insert: `"${topic}"`,
        })),
      ];
    case 'member': {
      const owner = place.owner ?? '';
      const stream = sources.streams.find((one) => one.name === owner);
      if (stream) return plain(streamColumns(stream.sql), 'column');
      const path = owner.replace(/^.*?\bpayload\b\.?/, '');
      const isPayload = /\bpayload\b/.test(owner);
      if (!isPayload) return columnSuggestions(sql, sources);
      const head = path ? `${path}.` : '';
      const next = new Set(sources.members.filter((name) => name.startsWith(head))
        .map((name) => name.slice(head.length).split('.')[0] as string));
      return plain([...next], 'column');
    }
    case 'anything':
      return [
        ...columnSuggestions(sql, sources),
        ...plain(clauses, 'keyword'),
        ...windows.map(([label, rest]): Suggestion => ({
          label, kind: 'window', insert: label + rest, back: rest.length - 1,
        })),
        ...functionSuggestions(sources.functions),
      ];
  }
}

// Members of a JSON value, as paths; arrays are not gone into.
export function membersOf(value: unknown, head = '', depth = 0): string[] {
  if (typeof value === 'string' && depth === 0) {
    try {
      return membersOf(JSON.parse(value), head, 1);
    } catch {
      return [];
    }
  }
  if (!value || typeof value !== 'object' || Array.isArray(value) || depth > 5) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = head ? `${head}.${name}` : name;
    return [path, ...membersOf(inner, path, depth + 1)];
  }).slice(0, 500);
}
