/**
 * Encodes the run files of Weights & Biases, `run-ID.wandb`, which `wandb sync` uploads: a log in
 * LevelDB's format, whose records are messages in protobuf. Only its checksums differ: they are
 * CRC-32 instead of CRC-32C.
 *
 * @see https://github.com/wandb/wandb/blob/v0.31.0/wandb/proto/wandb_internal.proto
 * @see https://github.com/google/leveldb/blob/main/doc/log_format.md
 */

import { joinBytes } from "../array/join_bytes.ts";
import { BinaryWriter } from "../packages/protobuf_wire.ts";
import { crc32 } from "../platform/zlib.ts";

/** Numbers of the fields in use. */
const fields = {
  record: {
    number: 1,
    history: 2,
    summary: 3,
    config: 5,
    run: 17,
    exit: 18,
    header: 21,
    info: 200,
  },
  history: { item: 1, step: 2 },
  historyItem: { nestedKey: 2, json: 16 },
  historyStep: { number: 1 },
  update: { update: 1 },
  updateItem: { key: 1, json: 16 },
  run: { id: 1, project: 3, name: 8, startTime: 17 },
  time: { seconds: 1, nanoseconds: 2 },
  exit: { code: 1, seconds: 2 },
  header: { version: 1 },
  version: { producer: 1, minimalConsumer: 2 },
  info: { stream: 1 },
} as const;

/** What a file begins with: its name, a number, and the version of the format. */
const start = Uint8Array.of(0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0);

/** Length of a block of LevelDB's logs. Fragments of records do not cross blocks. */
const BLOCK_BYTES = 32768;

/** Length of a fragment's header: checksum, length and kind. */
const FRAGMENT_HEADER_BYTES = 7;

/** Kinds of fragments. */
const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** Oldest version of the client that reads such files. */
const minimalConsumer = "0.13.0";

/** What a run is. */
export interface WandbRun {
  readonly id: string;
  readonly project: string;
  /** The run's name in the list of runs. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly startSeconds: number;
  /** Name and version of the program that writes. */
  readonly producer: string;
}

/** A value of a run; NaN is allowed, also within lists. */
export type WandbValue = unknown;

/** Encodes the records of a run, one after another, for a file that may be continued. */
export class WandbEncoder {
  readonly #run: WandbRun;
  #records = 0;
  #position = 0;

  constructor(run: WandbRun) {
    this.#run = run;
  }

  /** Encodes the beginning of the file, with the run's configuration. */
  begin(config: Readonly<Record<string, WandbValue>>): Uint8Array<ArrayBuffer> {
    this.#records = 0;
    this.#position = start.length;
    const { id, project, name, startSeconds, producer } = this.#run;
    const version = message().tag(fields.version.producer, 2).string(producer)
      .tag(fields.version.minimalConsumer, 2).string(minimalConsumer).finish();
    const header = message().tag(fields.header.version, 2).bytes(version).finish();
    const seconds = Math.floor(startSeconds);
    const time = message().tag(fields.time.seconds, 0).int64(seconds)
      .tag(fields.time.nanoseconds, 0).int32(Math.round((startSeconds - seconds) * 1e9)).finish();
    const run = message().tag(fields.run.id, 2).string(id)
      .tag(fields.run.project, 2).string(project)
      .tag(fields.run.name, 2).string(name)
      .tag(fields.run.startTime, 2).bytes(time).finish();
    return joinBytes([
      start,
      this.#record(fields.record.header, header),
      this.#record(fields.record.run, run),
      this.#record(fields.record.config, updateOf(config)),
    ]);
  }

  /** Encodes the values of a step. */
  history(step: number, values: Readonly<Record<string, WandbValue>>): Uint8Array<ArrayBuffer> {
    const history = message();
    for (const [key, value] of Object.entries({ ...values, _step: step })) {
      history.tag(fields.history.item, 2).bytes(
        message().tag(fields.historyItem.nestedKey, 2).string(key)
          .tag(fields.historyItem.json, 2).string(jsonOf(value)).finish(),
      );
    }
    history.tag(fields.history.step, 2)
      .bytes(message().tag(fields.historyStep.number, 0).int64(step).finish());
    return this.#record(fields.record.history, history.finish());
  }

  /** Encodes values of the whole run. */
  summary(values: Readonly<Record<string, WandbValue>>): Uint8Array<ArrayBuffer> {
    return this.#record(fields.record.summary, updateOf(values));
  }

  /** Encodes the end of a run that has finished. */
  exit(runtimeSeconds: number): Uint8Array<ArrayBuffer> {
    const exit = message().tag(fields.exit.code, 0).int32(0)
      .tag(fields.exit.seconds, 0).int32(Math.round(runtimeSeconds)).finish();
    return this.#record(fields.record.exit, exit);
  }

  #record(field: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const info = message().tag(fields.info.stream, 2).string(this.#run.id).finish();
    const record = message().tag(fields.record.number, 0).int64(++this.#records)
      .tag(field, 2).bytes(content)
      .tag(fields.record.info, 2).bytes(info).finish();
    const framed = fragments(record, this.#position);
    this.#position += framed.length;
    return framed;
  }
}

/** Splits a record into fragments that stay within blocks, each after a header. */
function fragments(record: Uint8Array, position: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let at = position;
  let from = 0;
  do {
    const left = BLOCK_BYTES - at % BLOCK_BYTES;
    if (left < FRAGMENT_HEADER_BYTES) {
      parts.push(new Uint8Array(left)); // Too short for a header, so the block ends with zeros.
      at += left;
      continue;
    }
    const end = Math.min(record.length, from + left - FRAGMENT_HEADER_BYTES);
    const [isFirst, isLast] = [from === 0, end === record.length];
    const kind = isFirst ? isLast ? kinds.full : kinds.first : isLast ? kinds.last : kinds.middle;
    const body = record.subarray(from, end);
    const header = new Uint8Array(FRAGMENT_HEADER_BYTES);
    const view = new DataView(header.buffer);
    view.setUint32(0, crc32(body, crc32(Uint8Array.of(kind))), true);
    view.setUint16(4, body.length, true);
    view.setUint8(6, kind);
    parts.push(header, body);
    at += header.length + body.length;
    from = end;
  } while (from < record.length);
  return joinBytes(parts);
}

function message(): BinaryWriter {
  return new BinaryWriter();
}

function updateOf(values: Readonly<Record<string, WandbValue>>): Uint8Array {
  const update = message();
  for (const [key, value] of Object.entries(values)) {
    update.tag(fields.update.update, 2).bytes(
      message().tag(fields.updateItem.key, 2).string(key)
        .tag(fields.updateItem.json, 2).string(jsonOf(value)).finish(),
    );
  }
  return update.finish();
}

/** JSON as Python writes it: with NaN and infinities for numbers that JSON cannot represent. */
function jsonOf(value: WandbValue): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  return JSON.stringify(value) ?? "null";
}
