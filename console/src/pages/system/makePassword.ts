// Letters and digits that are not taken for each other when read from paper: no 0 o, no 1 l i.
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 5;

// A first password, 20 letters of 31: 99 bits, in groups so that it can be read aloud. `random`
// fills an array with bytes, as crypto.getRandomValues() does.
export function makePassword(random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const most = 256 - (256 % letters.length);
  const chosen: string[] = [];
  const bytes = new Uint8Array(64);
  while (chosen.length < groups * groupLength) {
    random(bytes);
    // Bytes of the last, incomplete round would favour the first letters.
    for (const byte of bytes) if (byte < most) chosen.push(letters[byte % letters.length] ?? '');
  }
  return Array.from({ length: groups }, (_, group) =>
    chosen.slice(group * groupLength, (group + 1) * groupLength).join('')).join('-');
}
