import { parseTime } from '~/lib/time';
import { gapOf } from '../chart/gaps';
import { pensLimit, type ShownPen, type Track } from '../chart/types';

// An answer of POST /api/v1/query.
export type Cell = string | number | boolean | null | object;
export interface QueryResult {
  columns: { name: string; type: string }[];
  rows: Cell[][];
  count: number;
  cut: boolean;
  elapsed_ms: number;
}

export const cellText = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '' : typeof cell === 'object' ? JSON.stringify(cell)
    : String(cell);

const isTime = (type: string) => type.startsWith('TIMESTAMP') || type === 'DATE';
export const isNumber = (type: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|REAL)$/.test(type);

// A result as lines: the first column of times is x, each column of numbers a line, one for each
// different text in a column before (the point, usually). Empty: there is nothing to draw.
export function linesOf(result: QueryResult): ShownPen[] {
  const at = result.columns.findIndex(({ type }) => isTime(type));
  if (at < 0) return [];
  const by = result.columns.findIndex(({ type }) => type === 'VARCHAR');
  const numbers = result.columns.flatMap(({ type }, i) => isNumber(type) ? [i] : []);
  const lines = new Map<string, { column: string; rows: { time: number; value: number }[] }>();
  for (const row of result.rows) {
    const time = parseTime(cellText(row[at]));
    if (!Number.isFinite(time)) continue;
    for (const column of numbers) {
      const title = result.columns[column]?.name ?? '';
      const name = `${by >= 0 ? `${cellText(row[by])} ` : ''}${title}`;
      let line = lines.get(name);
      if (!line) lines.set(name, (line = { column: title, rows: [] }));
      if (typeof row[column] === 'number') line.rows.push({ time, value: row[column] });
    }
  }
  return [...lines].slice(0, pensLimit).map(([name, { column, rows }], look): ShownPen => {
    rows.sort((a, b) => a.time - b.time);
    const times = rows.map(({ time }) => time);
    const values = rows.map(({ value }) => value);
    const track: Track = {
      kind: 'samples', times, low: values, high: values, quality: values.map(() => 0),
      gapMs: gapOf(times, 0), stepMs: 0, shiftMs: 0, doubt: [],
    };
    return {
      pen: { point: name, aggregation: 'auto', look, limits: [] },
      // Columns are of different kinds: each has its axis, with its name where units are.
      info: { type: 'double', unit: null }, track, unit: column,
    };
  });
}
