import { ApiError, seg, sendJson } from '~/lib/api';
import type { PointValue } from '~/lib/live';
import { valueText, type WriteOutcome } from '~/ui';

interface Written {
  value: PointValue;
  read_back: PointValue | undefined;
}

// Writes a point and tells only what the device said: confirmed is what was read back, refused what
// was surely not written, unconfirmed all between (a time-out may have come after the write).
export async function writePoint(
  point: string, value: PointValue, reason: string, unit: string, units: 'si' | 'us',
  notReadBack: string,
): Promise<WriteOutcome> {
  try {
    const done = await sendJson<Written>('POST', `/api/v1/points/${seg(point)}/write`,
      { value, reason, verify: true });
    return done.read_back === null || done.read_back === undefined
      ? { kind: 'unconfirmed', why: notReadBack }
      : { kind: 'confirmed', value: valueText(done.read_back, unit, units) };
  } catch (error) {
    return outcomeOf(error);
  }
}

export function outcomeOf(error: unknown): WriteOutcome {
  if (!(error instanceof ApiError)) throw error;
  const doubtful = error.status === 504 || error.status === 0
    || /written, but/.test(error.message);
  return { kind: doubtful ? 'unconfirmed' : 'refused', why: error.message };
}

const wholeTypes = /^(u?int\d+|word|dword|lword|time)$/;

// What a person typed, as a value of the tag's type; undefined where it is none.
export function parseValue(text: string, type: string): PointValue | undefined {
  const plain = text.trim();
  if (type === 'bool' || type === 'bit')
    return /^(1|true|on|开)$/i.test(plain) ? true
      : /^(0|false|off|关)$/i.test(plain) ? false : undefined;
  if (type === 'string' || type === 'bytes' || type === 'date_and_time') return text;
  const value = Number(plain.replace(',', '.').replace('−', '-'));
  return plain !== '' && Number.isFinite(value) ? value : undefined;
}

export const isWhole = (type: string): boolean => wholeTypes.test(type);
export const isSwitch = (type: string): boolean => type === 'bool' || type === 'bit';
