/** Reads event files and run files with code of its own, for machines without their programs. */

import { crc32 } from "node:zlib";
import assert from "node:assert/strict";
import { crc32c } from "../../../lib/interop/crc32c.ts";

/** Fields of a protobuf message, by their numbers, in order; nested messages stay bytes. */
type Fields = [number: number, value: bigint | Uint8Array][];

function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    if (kind === 0) fields.push([tag >> 3, varint()]);
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : Number(varint());
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  assert.equal(at, view.byteLength);
  return fields;
}

const bytesAt = (fields: Fields, number: number) =>
  fields.filter(([found]) => found === number).map(([, value]) => value as Uint8Array);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Scalars by tag, as pairs of step and value; a record that is cut ends the file. */
export function readEvents(file: Uint8Array): Map<string, [step: number, value: number][]> {
  const scalars = new Map<string, [number, number][]>();
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const masked = (bytes: Uint8Array) => {
    const crc = crc32c(bytes);
    return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  };
  for (let at = 0; at + 12 <= file.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), masked(file.subarray(at, at + 8)));
    if (at + 16 + length > file.length) break;
    const message = file.subarray(at + 12, at + 12 + length);
    assert.equal(view.getUint32(at + 12 + length, true), masked(message));
    at += 16 + length;
    const event = fieldsOf(message);
    const step = Number(event.find(([number]) => number === 2)?.[1] ?? 0n);
    for (const summary of bytesAt(event, 5)) {
      for (const value of bytesAt(fieldsOf(summary), 1)) {
        const fields = fieldsOf(value);
        const [simple] = bytesAt(fields, 2);
        if (!simple) continue;
        const tag = text(bytesAt(fields, 1)[0]);
        const number = new DataView(simple.buffer, simple.byteOffset).getFloat32(0, true);
        scalars.set(tag, [...scalars.get(tag) ?? [], [step, number]]);
      }
    }
  }
  return scalars;
}

/** Numbers of the kinds of records, and the rows of the history. */
export function readRun(file: Uint8Array) {
  assert.deepEqual([...file.subarray(0, 7)], [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0]);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const kinds: number[] = [];
  const rows: Record<string, string>[] = [];
  let parts: number[] = [];
  for (let at = 7; at + 7 <= file.length;) {
    const left = 32768 - at % 32768;
    if (left < 7) {
      at += left;
      continue;
    }
    const [length, kind] = [view.getUint16(at + 4, true), view.getUint8(at + 6)];
    if (at + 7 + length > file.length) break;
    const body = file.subarray(at + 7, at + 7 + length);
    assert.equal(view.getUint32(at, true), crc32(body, crc32(Uint8Array.of(kind))));
    at += 7 + length;
    assert.equal(kind === 1 || kind === 2, parts.length === 0);
    parts.push(...body);
    if (kind === 2 || kind === 3) continue;
    const record = fieldsOf(Uint8Array.from(parts));
    parts = [];
    const [number, value] = record.find(([number]) => number > 1)!;
    kinds.push(number);
    if (number !== 2) continue;
    const items = bytesAt(fieldsOf(value as Uint8Array), 1).map((item) => {
      const fields = fieldsOf(item);
      return [text(bytesAt(fields, 2)[0]), text(bytesAt(fields, 16)[0])];
    });
    rows.push(Object.fromEntries(items));
  }
  return { kinds, rows };
}
