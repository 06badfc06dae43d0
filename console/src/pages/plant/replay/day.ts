// Days as people in the shown zone have them.
const two = (value: number): string => String(value).padStart(2, '0');

interface Parts { year: number; month: number; day: number; hour: number; minute: number }

const formats = new Map<string, Intl.DateTimeFormat>();
function partsOf(time: number, zone: string): Parts {
  let format = formats.get(zone);
  if (!format)
    formats.set(zone, (format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone === 'browser' ? undefined : zone, hourCycle: 'h23',
      year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    })));
  const found = Object.fromEntries(
    format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return {
    year: found.year ?? 0, month: found.month ?? 0, day: found.day ?? 0, hour: found.hour ?? 0,
    minute: found.minute ?? 0,
  };
}

// As a field of type datetime-local has it: "2026-03-01T14:05".
export function momentText(time: number, zone: string): string {
  const { year, month, day, hour, minute } = partsOf(time, zone);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

export const dayText = (time: number, zone: string): string => momentText(time, zone).slice(0, 10);

// The moment that a clock on the wall of that zone shows; NaN for what is none. Where a clock is
// put back the earlier one.
export function momentOf(text: string, zone: string): number {
  const utc = Date.parse(`${text}:00Z`);
  if (!Number.isFinite(utc)) return NaN;
  let time = utc;
  // What the guess reads on that wall tells how far it is off; twice, for a change of the clock.
  for (let turn = 0; turn < 2; turn += 1)
    time += utc - Date.parse(`${momentText(time, zone)}:00Z`);
  return time;
}

export const dayStart = (day: string, zone: string): number => momentOf(`${day}T00:00`, zone);

// The end of a day: 23 or 25 hours later where the clock changes.
export const dayEnd = (day: string, zone: string): number =>
  dayStart(dayText(dayStart(day, zone) + 36 * 3600e3, zone), zone);

const hourSteps = [0.25, 0.5, 1, 2, 3, 4, 6];
const hour = 3600e3;

// Full hours of what is shown, at most eight, counted from its beginning: the day's.
export function hoursOf(from: number, to: number): number[] {
  const step = (hourSteps.find((one) => (to - from) / (one * hour) <= 8) ?? 6) * hour;
  const hours: number[] = [];
  for (let time = from; time <= to; time += step) hours.push(time);
  return hours;
}
