// When a rule runs, as its form edits it.
export interface Range {
  begin: string;
  end: string;
}

export type Schedule = Record<string, unknown>;

export const rangesOf = (schedule: Schedule): Range[] =>
  (Array.isArray(schedule.ranges) ? schedule.ranges as Partial<Range>[] : [])
    .map(({ begin = '', end = '' }) => ({ begin, end }));

// A member set, or left out where it is empty; nothing at all where none is left.
export function withMember(schedule: Schedule, name: string, value: unknown): Schedule | undefined {
  const next = { ...schedule };
  if (value === '' || value === undefined || (Array.isArray(value) && value.length === 0))
    delete next[name];
  else next[name] = value;
  return Object.keys(next).length ? next : undefined;
}

// "2026-03-01 06:00:00", a time of the schedule's own zone, as the browser's field takes it; null
// for any other text (with an offset, or not finished): that stays a text.
export function fieldOf(text: string): string | null {
  if (text === '') return '';
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?$/.exec(text);
  return found ? `${found[1]}T${found[2]}${found[3] ?? ':00'}` : null;
}

export const textOf = (field: string): string => {
  const text = field.replace('T', ' ');
  return /\d\d:\d\d$/.test(text) && text.length === 16 ? `${text}:00` : text;
};

// Whether a range ends before it begins; times with offsets are left to the server.
export function isBackward({ begin, end }: Range): boolean {
  const [from, to] = [fieldOf(begin), fieldOf(end)];
  return Boolean(from && to && to <= from);
}
