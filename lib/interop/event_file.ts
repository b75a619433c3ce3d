/**
 * Encodes TensorBoard's event files: records with checksums, each of which is an `Event` in protobuf.
 *
 * @see https://github.com/tensorflow/tensorboard/blob/2.21.0/tensorboard/compat/proto/event.proto
 */

import { joinBytes } from "../array/join_bytes.ts";
import { BinaryWriter } from "../packages/protobuf_wire.ts";
import { crc32c } from "./crc32c.ts";

/** Numbers of the fields in use. */
const fields = {
  event: { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 },
  summary: { value: 1 },
  value: { tag: 1, simpleValue: 2, tensor: 8, metadata: 9 },
  tensor: { type: 1, shape: 2, texts: 8 },
  metadata: { plugin: 1 },
  plugin: { name: 1 },
  sessionLog: { status: 1 },
} as const;

/** TensorFlow's number of the type of texts. */
const textType = 7;

/** A session's status that discards what was logged before from its step on. */
const sessionStart = 1;

/** When something was logged. */
export interface EventTime {
  /** Seconds since 1970. */
  readonly seconds: number;
  readonly step: number;
}

/**
 * Encodes the beginning of a file. A viewer that has read another file of the same folder forgets
 * what that one had.
 *
 * @param seconds Seconds since 1970.
 */
export function encodeEventFileStart(seconds: number): Uint8Array<ArrayBuffer> {
  const version = new BinaryWriter().tag(fields.event.wallTime, 1).double(seconds)
    .tag(fields.event.fileVersion, 2).string("brain.Event:2").finish();
  const start = eventAt({ seconds, step: 0 }).tag(fields.event.sessionLog, 2)
    .bytes(new BinaryWriter().tag(fields.sessionLog.status, 0).int32(sessionStart).finish())
    .finish();
  return joinBytes([record(version), record(start)]);
}

/** Encodes numbers by their tags; NaN stays NaN. */
export function encodeScalars(
  time: EventTime,
  scalars: Readonly<Record<string, number>>,
): Uint8Array<ArrayBuffer> {
  const summary = new BinaryWriter();
  for (const [tag, value] of Object.entries(scalars)) {
    summary.tag(fields.summary.value, 2).bytes(
      new BinaryWriter().tag(fields.value.tag, 2).string(tag)
        .tag(fields.value.simpleValue, 5).float(value).finish(),
    );
  }
  return record(eventAt(time).tag(fields.event.summary, 2).bytes(summary.finish()).finish());
}

/** Encodes a text, which TensorBoard shows as Markdown. */
export function encodeText(time: EventTime, tag: string, text: string): Uint8Array<ArrayBuffer> {
  const tensor = new BinaryWriter().tag(fields.tensor.type, 0).int32(textType)
    .tag(fields.tensor.shape, 2).bytes(new Uint8Array())
    .tag(fields.tensor.texts, 2).string(text).finish();
  const plugin = new BinaryWriter().tag(fields.plugin.name, 2).string("text").finish();
  const metadata = new BinaryWriter().tag(fields.metadata.plugin, 2).bytes(plugin).finish();
  const value = new BinaryWriter().tag(fields.value.tag, 2).string(tag)
    .tag(fields.value.tensor, 2).bytes(tensor)
    .tag(fields.value.metadata, 2).bytes(metadata).finish();
  const summary = new BinaryWriter().tag(fields.summary.value, 2).bytes(value).finish();
  return record(eventAt(time).tag(fields.event.summary, 2).bytes(summary).finish());
}

function eventAt({ seconds, step }: EventTime): BinaryWriter {
  return new BinaryWriter().tag(fields.event.wallTime, 1).double(seconds)
    .tag(fields.event.step, 0).int64(step);
}

/** Frames a message: its length, a checksum of that, the message, and its checksum. */
function record(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(message.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, masked(crc32c(framed.subarray(0, 8))), true);
  framed.set(message, 12);
  view.setUint32(12 + message.length, masked(crc32c(message)), true);
  return framed;
}

/** TFRecord's checksums are rotated, since data that contains its own checksum is a weak case. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
