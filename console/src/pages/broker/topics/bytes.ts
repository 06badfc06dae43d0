// Bytes for people, and from people.
export class DecodeError extends Error {}

const strict = new TextDecoder('utf-8', { fatal: true });

export function utf8(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

// Offset, sixteen bytes, and what of them is ASCII: as hex dumps are.
export function hexDump(bytes: Uint8Array, most = 16_384): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const part = bytes.subarray(at, Math.min(at + 16, bytes.length));
    const digits = Array.from(part, (byte) => byte.toString(16).padStart(2, '0'));
    const shown = Array.from(part, (byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.').join('');
    const left = digits.slice(0, 8).join(' ');
    const right = digits.slice(8).join(' ');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${left.padEnd(23)}  ${right.padEnd(23)}  ` +
      shown);
  }
  if (bytes.length > most) lines.push(`… +${bytes.length - most}`);
  return lines.join('\n');
}

// "0a 0B,0c" as bytes; null for what is not hex digits in pairs.
export function parseHex(text: string): Uint8Array | null {
  const digits = text.replace(/0x|[\s,:]/gi, '');
  if (digits.length % 2 || /[^0-9a-f]/i.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}

export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// 64-bit whole numbers as numbers where they are exact, else as text.
export const wide = (value: bigint): number | string =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value) : value.toString();
