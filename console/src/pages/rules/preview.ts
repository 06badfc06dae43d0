import { ApiError } from '~/lib/api';
import { specOf, validate, type Rule, type RuleSpec } from './data';

// What an import would do, told before it is done: which rules are new, which change, and which
// statement the server would refuse.
export interface RuleSet {
  rules: unknown[];
  streams: unknown[];
  connectors: unknown[];
}

export type Fate = 'new' | 'changed' | 'same' | 'broken';

export interface Preview {
  kind: 'rule' | 'stream' | 'connector';
  name: string;
  fate: Fate;
  why?: string;
}

// An export, a list of rules, or one rule.
export function readSet(text: string): RuleSet {
  const json: unknown = JSON.parse(text);
  if (Array.isArray(json)) return { rules: json, streams: [], connectors: [] };
  if (typeof json !== 'object' || json === null) throw new Error(typeof json);
  const set = json as Partial<RuleSet> & { sql?: unknown };
  if (typeof set.sql === 'string') return { rules: [set], streams: [], connectors: [] };
  return {
    rules: set.rules ?? [], streams: set.streams ?? [], connectors: set.connectors ?? [],
  };
}

// JSON with its members in one order, so that equal things are equal texts.
const settled = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(settled)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, one]) => [name, settled(one)]))
      : value;
const same = (a: unknown, b: unknown) => JSON.stringify(settled(a)) === JSON.stringify(settled(b));

interface Known {
  rules: Rule[];
  streams: { name: string; sql: string }[];
  connectors: { name: string }[];
}

// The name that CREATE STREAM gives.
export const streamName = (sql: string): string =>
  /create\s+(?:stream|table)\s+`?([\w.-]+)/i.exec(sql)?.[1] ?? '';

export function previewOf(set: RuleSet, known: Known): Preview[] {
  return [
    ...set.rules.map((one): Preview => {
      const rule = one as Partial<RuleSpec>;
      const name = String(rule.id ?? '');
      if (!name || typeof rule.sql !== 'string') return { kind: 'rule', name, fate: 'broken' };
      const old = known.rules.find((known) => known.id === name);
      return { kind: 'rule', name, fate: !old ? 'new'
        : same(specOf(old), specOf(rule as RuleSpec)) ? 'same' : 'changed' };
    }),
    ...set.streams.map((one): Preview => {
      const { sql = '', name = streamName(sql) } = one as { sql?: string; name?: string };
      const old = known.streams.find((known) => known.name === name);
      return { kind: 'stream', name, fate: !old ? 'new' : old.sql === sql ? 'same' : 'changed' };
    }),
    ...set.connectors.map((one): Preview => {
      const { name = '' } = one as { name?: string };
      const old = known.connectors.find((known) => known.name === name);
      return { kind: 'connector', name, fate: !old ? 'new' : same(old, one) ? 'same' : 'changed' };
    }),
  ];
}

// Asks the server about each statement, so that a flaw is seen before and not in the middle. A
// statement may read a stream that comes with the file: those are not asked.
export async function checkStatements(set: RuleSet, rows: Preview[]): Promise<Preview[]> {
  if (set.streams.length) return rows;
  return Promise.all(rows.map(async (row, index) => {
    if (row.kind !== 'rule' || row.fate === 'same' || row.fate === 'broken') return row;
    const rule = set.rules[index] as RuleSpec;
    try {
      await validate(rule.sql, rule.options ?? {});
      return row;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500 || !error.status) return row;
      return { ...row, fate: 'broken' as const, why: error.message };
    }
  }));
}
