/** Bounds what a pickle may expand to: the memory of its objects, and their size when written out. */

import {
  MAX_COPIES,
  MAX_DEPTH,
  MAX_EXPANDED,
  MAX_EXPANSION,
  MIN_EXPANDED,
} from "../untrusted/limits.ts";
import { isTensor } from "./python_values.ts";

/**
 * Checks a value from a pickle: shared objects make it small in memory, but whoever walks through
 * it meets each once per reference.
 *
 * @param bytes Size of the pickle.
 * @throws {RangeError} If it contains itself, is nested too deeply, or has too many values and
 * characters when written out.
 */
export function requireBounded(value: unknown, bytes: number): void {
  const limit = Math.min(MAX_EXPANDED, Math.max(MIN_EXPANDED, MAX_EXPANSION * bytes));
  const known = new Map<object, Extent>();
  const measure = (value: unknown, depth: number): Extent => {
    if (typeof value === "string") return { size: 1 + value.length, height: 0 };
    const parts = partsOf(value);
    if (parts === undefined) return leaf;
    const found = known.get(value as object);
    if (found === open) {
      throw new RangeError("Cannot read pickle: a list or dictionary in it contains itself");
    }
    if (depth + (found?.height ?? 0) >= MAX_DEPTH) {
      throw new RangeError(`Cannot read pickle: it is nested deeper than ${MAX_DEPTH} levels`);
    }
    if (found !== undefined) return found;
    known.set(value as object, open);
    let size = 1, height = 0;
    for (const part of parts) {
      const inner = measure(part, depth + 1);
      size += inner.size;
      height = Math.max(height, inner.height + 1);
      if (size > limit) {
        throw new RangeError(
          `Cannot read pickle: lists or dictionaries in it share others, so that its ${bytes} ` +
            `bytes stand for more than ${limit} values, expected no more`,
        );
      }
    }
    const extent = { size, height };
    known.set(value as object, extent);
    return extent;
  };
  measure(value, 0);
}

/** A value when written out. */
interface Extent {
  /** Values and characters. */
  readonly size: number;
  /** Levels below it. */
  readonly height: number;
}

const leaf: Extent = { size: 1, height: 0 };
/** Marks a value whose parts are being measured. */
const open: Extent = { size: 0, height: 0 };

/** Returns the parts of a list or dictionary; undefined for other values. */
function partsOf(value: unknown): Iterable<unknown> | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? entriesOf(value) : undefined;
}

function* entriesOf(map: ReadonlyMap<unknown, unknown>): Generator<unknown> {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
}

/** Counts the memory of the arrays that calls in a pickle make. */
export class CopyCount {
  readonly #counted = new Set<ArrayBufferLike>();
  readonly #limit: number;
  #bytes = 0;

  /** @param file Bytes of the file, in whose memory arrays may lie without being copied. */
  constructor(file: ArrayBuffer) {
    this.#counted.add(file);
    this.#limit = MAX_COPIES * file.byteLength;
  }

  /** Counts an object that a call made or changed. @throws {RangeError} If it is one too many. */
  add(made: unknown): void {
    const { buffer } = isTensor(made) ? made.data : made instanceof Uint8Array ? made : none;
    if (this.#counted.has(buffer)) return;
    this.#counted.add(buffer);
    this.#bytes += buffer.byteLength;
    if (this.#bytes > this.#limit) {
      throw new RangeError(
        `Cannot read pickle: its arrays take more than ${MAX_COPIES} times the file's memory`,
      );
    }
  }
}

const none = new Uint8Array(0);
