import { DecodeError } from './bytes';

// The wire format of protocol buffers: fields one by one, each within what is left.
export interface Field {
  number: number;
  wire: number;
  varint: bigint; // of wire types 0, 1 and 5: the bits
  bytes: Uint8Array; // of wire type 2
}

const nothing = new Uint8Array(0);

function readVarint(bytes: Uint8Array, from: number): { value: bigint; next: number } {
  let value = 0n;
  for (let index = 0; index < 10; index += 1) {
    const byte = bytes[from + index];
    if (byte === undefined) throw new DecodeError('Protobuf ends within a number');
    value |= BigInt(byte & 127) << BigInt(7 * index);
    if (byte < 128) return { value: BigInt.asUintN(64, value), next: from + index + 1 };
  }
  throw new DecodeError('Protobuf has a number longer than ten bytes');
}

export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const key = readVarint(bytes, at);
    at = key.next;
    const number = Number(key.value >> 3n);
    const wire = Number(key.value & 7n);
    if (number === 0) throw new DecodeError('Protobuf has a field of number 0');
    let varint = 0n;
    let part = nothing as Uint8Array;
    let size = 0;
    if (wire === 0) {
      const read = readVarint(bytes, at);
      varint = read.value;
      size = read.next - at;
    } else if (wire === 2) {
      const length = readVarint(bytes, at);
      at = length.next;
      if (length.value > BigInt(bytes.length - at))
        throw new DecodeError(
          `Protobuf says ${length.value} bytes where ${bytes.length - at} are left`);
      size = Number(length.value);
      part = bytes.subarray(at, at + size);
    } else if (wire === 1 || wire === 5) {
      size = wire === 1 ? 8 : 4;
      if (at + size > bytes.length) throw new DecodeError('Protobuf ends within a number');
      varint = wire === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
    } else throw new DecodeError(`Protobuf has wire type ${wire}, which is not used any more`);
    at += size;
    yield { number, wire, varint, bytes: part };
  }
}

export const varintsOf = (field: Field): bigint[] => {
  if (field.wire !== 2) return [field.varint];
  const all: bigint[] = [];
  for (let at = 0; at < field.bytes.length;) {
    const read = readVarint(field.bytes, at);
    all.push(read.value);
    at = read.next;
  }
  return all;
};

const scratch = new DataView(new ArrayBuffer(8));
export function floatOf(field: Field): number {
  scratch.setUint32(0, Number(BigInt.asUintN(32, field.varint)));
  return scratch.getFloat32(0);
}
export function doubleOf(field: Field): number {
  scratch.setBigUint64(0, field.varint);
  return scratch.getFloat64(0);
}
