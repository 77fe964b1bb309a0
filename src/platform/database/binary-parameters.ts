// Arrays as parameters of a statement, in PostgreSQL's binary form: node-postgres would write each element as text, and
// the server would read it again, which takes several times as long over tens of thousands of elements.

const HEADER_BYTES = 20;
const INT4_OID = 23;
const INT8_OID = 20;
const TEXT_OID = 25;
const TWO_TO_32 = 4_294_967_296;

/** Whole numbers up to 2^53 as an int8[]. */
export function int8Array(values: ArrayLike<number>): Buffer {
  const buffer = arrayOf(INT8_OID, values.length, values.length * 12);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  for (let index = 0, at = HEADER_BYTES; index < values.length; index++, at += 12) {
    const value = values[index]!;
    const high = Math.floor(value / TWO_TO_32);
    view.setInt32(at, 8);
    view.setInt32(at + 4, high);
    view.setUint32(at + 8, value - high * TWO_TO_32);
  }
  return buffer;
}

/** An int4[]. */
export function int4Array(values: ArrayLike<number>): Buffer {
  const buffer = arrayOf(INT4_OID, values.length, values.length * 8);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  for (let index = 0, at = HEADER_BYTES; index < values.length; index++, at += 8) {
    view.setInt32(at, 4);
    view.setInt32(at + 4, values[index]!);
  }
  return buffer;
}

/** A text[]; no text holds the character 0, which the server has no room for. */
export function textArray(values: readonly string[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + Buffer.byteLength(value, 'utf8');
  const buffer = arrayOf(TEXT_OID, values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = buffer.write(value, at + 4, 'utf8');
    buffer.writeInt32BE(length, at);
    at += 4 + length;
  }
  return buffer;
}

/** Of one dimension, without nulls, counted from 1. */
function arrayOf(elementOid: number, count: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  [1, 0, elementOid, count, 1].forEach((value, index) => buffer.writeInt32BE(value, index * 4));
  return buffer;
}
