// Places of a statement: of the server's line and column, and of an operator of its plan.
export interface Span {
  from: number;
  to: number;
}

// Columns count characters from 1, as the server does; marks the word that is there.
export function spanOf(sql: string, line: number, column: number): Span {
  const lines = sql.split('\n');
  const at = Math.min(Math.max(1, line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  const text = lines[at] ?? '';
  // Code points to UTF-16 units.
  const before = [...text].slice(0, Math.max(0, column - 1)).join('').length;
  const from = Math.min(start + before, sql.length);
  const word = /^(?:[\w$@\u0080-\uffff]+|'[^']*'?|"[^"]*"?|\S)/.exec(sql.slice(from))?.[0] ?? '';
  if (word) return { from, to: from + word.length };
  return { from: Math.max(0, from - 1), to: from };
}

const words: Record<string, RegExp> = {
  source: /\bfrom\b/i, filter: /\bwhere\b/i, having: /\bhaving\b/i, project: /\bselect\b/i,
  aggregate: /\bgroup\s+by\b/i, order: /\border\s+by\b/i, sort: /\border\s+by\b/i,
  limit: /\blimit\b/i, join: /\bjoin\b/i, lookup: /\bjoin\b/i, foreach: /\bforeach\b/i,
  window: /\b\w+window\s*\(/i, analytic: /\b(lag|latest|had_changed|changed_cols?)\s*\(/i,
};

// Texts and comments as blanks of the same length, so that words are found outside them only.
export const blanked = (sql: string): string =>
  sql.replace(/--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"[^"]*"/g, (text) => ' '.repeat(text.length));

const ends = /\b(from|where|group\s+by|having|order\s+by|limit|do|incase)\b/gi;

// Where an operator of the plan comes from; the plan writes its detail anew, so a clause is found
// by its word where the very text is not there.
export function placeOfOperator(sql: string, name: string, detail: string): Span | null {
  const exact = detail.length > 3 ? sql.indexOf(detail) : -1;
  if (exact >= 0) return { from: exact, to: exact + detail.length };
  const bare = blanked(sql);
  const word = Object.entries(words).find(([kind]) => name.startsWith(kind))?.[1];
  const found = word?.exec(bare);
  if (!found) return null;
  if (name.startsWith('window')) {
    const close = bare.indexOf(')', found.index);
    return { from: found.index, to: close < 0 ? sql.length : close + 1 };
  }
  ends.lastIndex = found.index + found[0].length;
  const next = ends.exec(bare)?.index ?? sql.length;
  return { from: found.index, to: found.index + sql.slice(found.index, next).trimEnd().length };
}
