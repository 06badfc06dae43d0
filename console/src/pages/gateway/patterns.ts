// Many tags of one pattern: "{400001}" is a number that runs, "{400001+2}" one that runs by 2.
// A pattern without braces runs at its last number before a '#'; leading zeros are kept.
const marked = /\{(\d+)(?:\+(\d+))?\}/;

export const isPattern = (text: string): boolean => marked.test(text);

export function markNumber(text: string): string {
  if (isPattern(text)) return text;
  const [plain = '', ...rest] = text.split('#');
  const tail = rest.length ? `#${rest.join('#')}` : '';
  const last = /^(.*?)(\d+)(\D*)$/.exec(plain);
  return last ? `${last[1]}{${last[2]}}${last[3]}${tail}` : `${text}{1}`;
}

export function expand(pattern: string, index: number, usualStep = 1): string {
  return markNumber(pattern).replace(marked, (_all, start: string, step: string | undefined) =>
    String(Number(start) + index * (step ? Number(step) : usualStep)).padStart(start.length, '0'));
}

const bytesOf: Record<string, number> = {
  int8: 1, uint8: 1, int16: 2, uint16: 2, word: 2, int32: 4, uint32: 4, dword: 4, float: 4,
  int64: 8, uint64: 8, lword: 8, double: 8, time: 4, date_and_time: 8,
};

// How far the next address lies behind: registers with Modbus, bytes with S7, one elsewhere.
export function usualStep(driver: string, type: string): number {
  const bytes = bytesOf[type] ?? 1;
  if (driver.startsWith('modbus')) return Math.max(1, bytes / 2);
  return driver === 's7' ? bytes : 1;
}

// The address behind this one, for the next row of a table.
export function nextAddress(address: string, driver: string, type: string): string {
  return /\d/.test(address) ? expand(address, 1, usualStep(driver, type)) : '';
}

export function nextName(name: string): string {
  return /\d/.test(name) ? expand(name, 1) : name ? `${name}2` : '';
}
