import { query, send } from '~/lib/api';
import type { Pen, Range } from './chart/types';
import { shiftOf } from './chart/load';

// What leaves the page: samples as they are kept, by the server; a picture; a statement.
export const formats = ['csv', 'ndjson', 'parquet', 'arrow'] as const;
export type ExportFormat = (typeof formats)[number];

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function sourceOf(pen: Pen, window: Range): string {
  const shift = shiftOf(pen);
  return `history(${quoted(pen.point)}, ${quoted(iso(window.from - shift))}, ` +
    `${quoted(iso(window.to - shift))})`;
}

// The samples of the pens in one statement, for the formats that SQL has and for reading on.
export function sampleSql(pens: Pen[], window: Range): string {
  const sources = [...new Set(pens.map((pen) => sourceOf(pen, window)))];
  return `${sources.map((source) => `SELECT * FROM ${source}`).join('\nUNION ALL\n')}` +
    '\nORDER BY point, time';
}

// A statement to begin with: figures of buckets, as wide as a chart can show.
export function startSql(pens: Pen[], window: Range, every: string): string {
  if (pens.length === 0) return 'SELECT * FROM points ORDER BY point LIMIT 100';
  const parts = pens.map((pen) => {
    const shift = shiftOf(pen);
    return `SELECT point, time, avg, min, max, count\nFROM history_agg(${quoted(pen.point)}, ` +
      `${quoted(iso(window.from - shift))}, ${quoted(iso(window.to - shift))}, ${quoted(every)})`;
  });
  return `${parts.join('\nUNION ALL\n')}\nORDER BY point, time`;
}

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 30_000);
}

export async function exportSamples(pens: Pen[], window: Range, format: ExportFormat):
  Promise<void> {
  const name = `trends-${iso(window.from).slice(0, 19).replaceAll(':', '')}.${format}`;
  const plain = format === 'csv' || format === 'ndjson';
  if (plain && pens.every((pen) => !pen.shift)) {
    // The browser streams it to disk by itself, however long it is.
    const link = document.createElement('a');
    link.href = `/api/v1/history${query({
      point: [...new Set(pens.map(({ point }) => point))], from: iso(window.from),
      to: iso(window.to), format,
    })}`;
    link.download = name;
    link.click();
    return;
  }
  const answer = await send(`/api/v1/query${query({ format })}`, {
    method: 'POST', headers: { 'content-type': 'application/sql' },
    body: sampleSql(pens, window),
  });
  save(await answer.blob(), name);
}

export function copyPicture(picture: HTMLCanvasElement): Promise<void> {
  const blob = new Promise<Blob>((resolve, reject) =>
    picture.toBlob((made) => made ? resolve(made) : reject(new Error('no picture')), 'image/png'));
  return navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
}
