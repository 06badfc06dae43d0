import { zoneOf } from '~/lib/time';

// Between a moment and the wall clock of a zone, as <input type="datetime-local"> writes it.
const parts = (time: number, zone: string): Record<string, string> => Object.fromEntries(
  new Intl.DateTimeFormat('en-CA', {
    timeZone: zoneOf(zone), hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  }).formatToParts(time).map(({ type, value }) => [type, value]));

export function inZone(time: number, zone: string): string {
  const { year, month, day, hour, minute, second } = parts(time, zone);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

// Twice, because the offset of the guess may be another than that of the moment (summer time).
export function fromZone(text: string, zone: string): number {
  const wall = Date.parse(`${text}Z`);
  if (!Number.isFinite(wall)) return NaN;
  const offset = (time: number) => Date.parse(`${inZone(time, zone)}Z`) - time;
  const guess = wall - offset(wall);
  return wall - offset(Math.floor(guess / 1000) * 1000);
}
