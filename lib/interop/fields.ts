/** Reading dictionaries that came out of a checkpoint, of which nothing is taken for granted. */

import type { NdArray } from "../array/nd_array.ts";
import { isTensor } from "./python_values.ts";

/** A float32 tensor. @throws {TypeError} If it is something else. */
export function toFloat32(value: unknown, what: string): NdArray {
  if (isTensor(value) && value.data instanceof Float32Array) {
    return { shape: value.shape, data: value.data };
  }
  const found = isTensor(value) ? value.dtype : typeof value;
  throw new TypeError(`Cannot read checkpoint: ${what} is ${found}, expected a float32 tensor`);
}

/** A list of numbers. @throws {TypeError} If it is something else. */
export function toNumbers(value: unknown, what: string): number[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) {
    return Array.from(value);
  }
  throw new TypeError(`Cannot read checkpoint: ${what} is no list of numbers`);
}

/** The fields of a dictionary, each checked when asked for. */
export class Fields {
  readonly #dict: ReadonlyMap<unknown, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (!(value instanceof Map)) throw new TypeError(`Cannot read ${what}: it is no dictionary`);
    this.#dict = value;
    this.#what = what;
  }

  entries(): ReadonlyMap<unknown, unknown> {
    return this.#dict;
  }

  /** The entries of a dictionary whose keys are all text. */
  named(): ReadonlyMap<string, unknown> {
    for (const key of this.#dict.keys()) {
      if (typeof key !== "string") {
        throw new TypeError(`Cannot read ${this.#what}: a key is no text`);
      }
    }
    return this.#dict as ReadonlyMap<string, unknown>;
  }

  has(key: string): boolean {
    return this.#dict.has(key);
  }

  get(key: string): unknown {
    if (this.#dict.has(key)) return this.#dict.get(key);
    throw new TypeError(`Cannot read ${this.#what}: it has no "${key}"`);
  }

  dict(key: string): Fields {
    return new Fields(this.get(key), `${this.#what}'s ${key}`);
  }

  list(key: string): readonly unknown[] {
    const value = this.get(key);
    return Array.isArray(value) ? value : this.#fail(key, "list");
  }

  numbers(key: string): number[] {
    return toNumbers(this.get(key), key);
  }

  number(key: string): number {
    const value = this.get(key);
    return typeof value === "number" ? value : this.#fail(key, "number");
  }

  text(key: string): string {
    const value = this.get(key);
    return typeof value === "string" ? value : this.#fail(key, "text");
  }

  #fail(key: string, expected: string): never {
    const value = this.get(key);
    const found = value === null ? "None" : typeof value;
    throw new TypeError(`Cannot read ${this.#what}: "${key}" is ${found}, expected a ${expected}`);
  }
}
