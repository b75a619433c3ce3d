/** Reads and checks the dictionaries in a checkpoint. */

import type { NdArray } from "../array/nd_array.ts";
import { isTensor } from "./python_values.ts";

/** Returns a value as a float32 tensor. @throws {TypeError} If it is something else. */
export function toFloat32(value: unknown, what: string): NdArray {
  if (isTensor(value) && value.data instanceof Float32Array) {
    return { shape: value.shape, data: value.data };
  }
  const found = isTensor(value) ? value.dtype : typeof value;
  throw new TypeError(`Cannot read checkpoint: ${what} is ${found}, expected a float32 tensor`);
}

/** Returns a value as a list of numbers. @throws {TypeError} If it is something else. */
export function toNumbers(value: unknown, what: string): number[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) {
    return Array.from(value);
  }
  throw new TypeError(`Cannot read checkpoint: ${what} is not a list of numbers`);
}

/** The fields of a dictionary, whose types are checked when they are read. */
export class Fields {
  readonly #dict: ReadonlyMap<unknown, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (!(value instanceof Map)) throw new TypeError(`Cannot read ${what}: it is not a dictionary`);
    this.#dict = value;
    this.#what = what;
  }

  entries(): ReadonlyMap<unknown, unknown> {
    return this.#dict;
  }

  /** Returns the entries of a dictionary with string keys. @throws {TypeError} For other keys. */
  named(): ReadonlyMap<string, unknown> {
    for (const key of this.#dict.keys()) {
      if (typeof key !== "string") {
        throw new TypeError(`Cannot read ${this.#what}: a key is not a string`);
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
