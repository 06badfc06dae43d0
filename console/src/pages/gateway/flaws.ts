import { ApiError } from '~/lib/api';
import { problemText } from '~/ui';
import type { Flaw } from './model';

// The flaws of a refused change. Most come as a list; what the reader of the JSON refuses comes as
// one text that begins with its place ("groups[0].tags[2]: ...", "tags[2]: ...").
export function flawsOfError(error: unknown, tagNames: string[] = []): Flaw[] {
  if (!(error instanceof ApiError)) return [{ text: problemText(error) }];
  const { errors } = error.problem as { errors?: Flaw[] };
  if (Array.isArray(errors) && errors.length > 0) return errors;
  const place = /(?:^|\.)tags\[(\d+)\](?:\.(\w+))?: (.*)$/s.exec(error.message);
  if (!place) return [{ text: problemText(error) }];
  const [, index, member, text = ''] = place;
  const field = member ?? /^'?(\w+)'?/.exec(text)?.[1];
  return [{ tag: tagNames[Number(index)], field, text }];
}

export const flawAt = (flaws: Flaw[], tag: string, field: string): string | undefined =>
  flaws.find((flaw) => flaw.tag === tag && flaw.field === field)?.text;

// Those that no field of a form shows.
export const otherFlaws = (flaws: Flaw[], fields: Set<string>): Flaw[] =>
  flaws.filter((flaw) => !flaw.field || !fields.has(flaw.field));

const quoted = (text: string): string => (/[",\n\r]/.test(text)
  ? `"${text.replaceAll('"', '""')}"` : text);

// The report of an import as a table for a spreadsheet. A text that a spreadsheet would take for a
// formula is led by an apostrophe.
export function flawsCsv(flaws: Flaw[]): string {
  const cell = (value: string | number | null | undefined) => {
    const text = String(value ?? '');
    return quoted(/^[=+\-@\t]/.test(text) ? `'${text}` : text);
  };
  const rows = flaws.map((flaw) =>
    [flaw.line, flaw.device, flaw.group, flaw.tag, flaw.field, flaw.text].map(cell).join(','));
  return ['line,device,group,tag,field,text', ...rows].join('\r\n') + '\r\n';
}

export function save(name: string, type: string, text: string | Blob): void {
  const url = URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 1000);
}
