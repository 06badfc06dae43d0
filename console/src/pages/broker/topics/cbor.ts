import { DecodeError, hex, utf8, wide } from './bytes';

// CBOR (RFC 8949) to what JSON can show; lengths, nesting and the number of items are bounded,
// since a payload may say anything.
export const maxDepth = 32;
export const maxItems = 50_000;

class Reader {
  private at = 0;
  private items = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  private need(count: number): number {
    if (count > this.rest) throw new DecodeError(`CBOR ends early at byte ${this.bytes.length}`);
    const from = this.at;
    this.at += count;
    return from;
  }

  // The argument of a head; null: of indefinite length.
  private argument(info: number): bigint | null {
    if (info < 24) return BigInt(info);
    if (info === 24) return BigInt(this.view.getUint8(this.need(1)));
    if (info === 25) return BigInt(this.view.getUint16(this.need(2)));
    if (info === 26) return BigInt(this.view.getUint32(this.need(4)));
    if (info === 27) return this.view.getBigUint64(this.need(8));
    if (info === 31) return null;
    throw new DecodeError(`CBOR has a reserved length ${info} at byte ${this.at - 1}`);
  }

  private take(length: bigint): Uint8Array {
    if (length > BigInt(this.rest))
      throw new DecodeError(`CBOR says ${length} bytes where ${this.rest} are left`);
    const from = this.need(Number(length));
    return this.bytes.subarray(from, this.at);
  }

  private get atBreak(): boolean {
    if (this.bytes[this.at] !== 0xff) return false;
    this.at += 1;
    return true;
  }

  private chunks(major: number, length: bigint | null): Uint8Array {
    if (length !== null) return this.take(length);
    const parts: number[] = [];
    while (!this.atBreak) {
      const head = this.view.getUint8(this.need(1));
      const inner = this.argument(head & 31);
      if (head >> 5 !== major || inner === null)
        throw new DecodeError(`CBOR has a wrong chunk at byte ${this.at - 1}`);
      for (const byte of this.take(inner)) parts.push(byte);
    }
    return Uint8Array.from(parts);
  }

  // A count that the rest of the payload could not hold is refused before anything is made.
  private checkCount(count: bigint | null): void {
    if (count !== null && count > BigInt(this.rest))
      throw new DecodeError(`CBOR says ${count} items where ${this.rest} bytes are left`);
  }

  value(depth: number): unknown {
    if (depth > maxDepth) throw new DecodeError(`CBOR is nested deeper than ${maxDepth}`);
    this.items += 1;
    if (this.items > maxItems) throw new DecodeError(`CBOR has more than ${maxItems} items`);
    const head = this.view.getUint8(this.need(1));
    const major = head >> 5;
    if (major === 7) return this.simple(head & 31);
    const argument = this.argument(head & 31);
    if (major === 2) return `h'${hex(this.chunks(2, argument))}'`;
    if (major === 3) {
      const text = utf8(this.chunks(3, argument));
      if (text === null) throw new DecodeError('CBOR has a text that is not UTF-8');
      return text;
    }
    if (major === 4) return this.array(argument, depth);
    if (major === 5) return this.map(argument, depth);
    if (argument === null) throw new DecodeError(`CBOR has a wrong head at byte ${this.at - 1}`);
    if (major === 0) return wide(argument);
    if (major === 1) return wide(-1n - argument);
    return this.tagged(argument, depth);
  }

  private array(count: bigint | null, depth: number): unknown[] {
    this.checkCount(count);
    const all: unknown[] = [];
    while (count === null ? !this.atBreak : all.length < Number(count))
      all.push(this.value(depth + 1));
    return all;
  }

  private map(count: bigint | null, depth: number): Record<string, unknown> {
    this.checkCount(count);
    const all = new Map<string, unknown>();
    for (let index = 0; count === null ? !this.atBreak : index < Number(count); index += 1) {
      const key = this.value(depth + 1);
      all.set(typeof key === 'string' ? key : JSON.stringify(key), this.value(depth + 1));
    }
    return Object.fromEntries(all);
  }

  private tagged(tag: bigint, depth: number): unknown {
    const value = this.value(depth + 1);
    if (tag === 1n && typeof value === 'number' && Math.abs(value) < 8.64e12)
      return new Date(value * 1000).toISOString();
    // Tag 0 is a time as text, 55799 says "this is CBOR": both add nothing for a reader.
    return tag === 0n || tag === 55799n ? value : { tag: wide(tag), value };
  }

  private simple(info: number): unknown {
    if (info === 20 || info === 21) return info === 21;
    if (info === 22 || info === 23) return null;
    if (info === 25) return half(this.view.getUint16(this.need(2)));
    if (info === 26) return shown(this.view.getFloat32(this.need(4)));
    if (info === 27) return shown(this.view.getFloat64(this.need(8)));
    const code = info === 24 ? this.view.getUint8(this.need(1)) : info;
    if (info > 24) throw new DecodeError(`CBOR has a wrong head at byte ${this.at - 1}`);
    return `simple(${code})`;
  }
}

// JSON has no NaN and no infinity.
const shown = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

function half(bits: number): number | string {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return shown(fraction ? NaN : sign * Infinity);
  return sign * (exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction);
}

export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.rest > 0) throw new DecodeError(`CBOR is followed by ${reader.rest} bytes`);
  return value;
}
