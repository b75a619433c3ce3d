/** Writes plain data as a Python pickle of protocol 2, which PyTorch's files use. */

import { OrderedDict, type PythonValue, Tuple } from "./python_values.ts";

/** A Python class or function, by module and name. */
export class GlobalName {
  constructor(readonly module: string, readonly name: string) {}
}

/** A call to make when the pickle is loaded. */
export class Call {
  constructor(readonly callee: GlobalName, readonly args: readonly unknown[]) {}
}

/** The id of an object outside the pickle. */
export class PersistentId {
  constructor(readonly id: readonly unknown[]) {}
}

const orderedDict = new GlobalName("collections", "OrderedDict");

/**
 * Encodes plain data as a pickle.
 *
 * Safe integers become `int`, other numbers `float`; plain objects become `dict`. No memo is
 * written: shared values are written repeatedly.
 *
 * @param lower Converts a value that is not plain data to data, a {@link GlobalName}, a {@link
 * Call} or a {@link PersistentId}; returns other values unchanged.
 * @throws {TypeError} If a value has no counterpart in Python, or contains itself.
 */
export function writePickle(
  value: PythonValue,
  lower: (value: unknown) => unknown = (value) => value,
): Uint8Array<ArrayBuffer> {
  const output = new PickleOutput();
  const ancestors = new Set<unknown>();

  const writeMarked = (items: Iterable<unknown>, where: string, closing: number) => {
    output.bytes(0x28); // MARK
    let index = 0;
    for (const item of items) write(item, `${where}[${index++}]`);
    output.bytes(closing);
  };
  const writeTuple = (items: readonly unknown[], where: string) =>
    items.length === 0
      ? output.bytes(0x29) // EMPTY_TUPLE
      : writeMarked(items, where, 0x74); // TUPLE
  const writeItems = (entries: Iterable<readonly [unknown, unknown]>, where: string) => {
    output.bytes(0x28); // MARK
    for (const [key, item] of entries) {
      write(key, `a key of ${where}`);
      write(item, `${where}[${JSON.stringify(String(key))}]`);
    }
    output.bytes(0x75); // SETITEMS
  };
  const writeCall = (callee: GlobalName, args: readonly unknown[], where: string) => {
    output.global(callee);
    writeTuple(args, where);
    output.bytes(0x52); // REDUCE
  };

  const writeContainer = (container: object, where: string) => {
    if (container instanceof GlobalName) {
      output.global(container);
    } else if (container instanceof Call) {
      writeCall(container.callee, container.args, where);
    } else if (container instanceof PersistentId) {
      writeTuple(container.id, where);
      output.bytes(0x51); // BINPERSID
    } else if (container instanceof Tuple) {
      writeTuple(container, where);
    } else if (Array.isArray(container)) {
      output.bytes(0x5d); // EMPTY_LIST
      writeMarked(container, where, 0x65); // APPENDS
    } else if (container instanceof OrderedDict) {
      writeCall(orderedDict, [], where);
      writeItems(container, where);
    } else if (container instanceof Map) {
      output.bytes(0x7d); // EMPTY_DICT
      writeItems(container, where);
    } else if (isPlainObject(container)) {
      output.bytes(0x7d); // EMPTY_DICT
      writeItems(Object.entries(container), where);
    } else {
      throw new TypeError(`Cannot write pickle: ${where} is a ${container.constructor?.name}`);
    }
  };

  const write = (original: unknown, where: string) => {
    const value = lower(original);
    if (value === null) output.bytes(0x4e); // NONE
    else if (value === true) output.bytes(0x88); // NEWTRUE
    else if (value === false) output.bytes(0x89); // NEWFALSE
    else if (typeof value === "number") output.number(value);
    else if (typeof value === "bigint") output.integer(value);
    else if (typeof value === "string") output.text(value);
    else if (typeof value !== "object") {
      throw new TypeError(`Cannot write pickle: ${where} is ${typeof value}`);
    } else {
      if (ancestors.has(value)) {
        throw new TypeError(`Cannot write pickle: ${where} contains itself`);
      }
      ancestors.add(value);
      writeContainer(value, where);
      ancestors.delete(value);
    }
  };

  output.bytes(0x80, 2); // PROTO
  write(value, "value");
  output.bytes(0x2e); // STOP
  return output.finish();
}

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Growing bytes of a pickle, with one method per encoding. */
class PickleOutput {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Appends a number of bytes and returns their position. */
  #extend(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return start;
  }

  #view(count: number): DataView {
    const start = this.#extend(count);
    return new DataView(this.#bytes.buffer, start, count);
  }

  bytes(...values: number[]) {
    const start = this.#extend(values.length);
    this.#bytes.set(values, start);
  }

  number(value: number) {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.integer(BigInt(value));
    this.bytes(0x47); // BINFLOAT
    this.#view(8).setFloat64(0, value, false);
  }

  integer(value: bigint) {
    if (value >= 0n && value < 256n) {
      this.bytes(0x4b, Number(value)); // BININT1
    } else if (BigInt.asIntN(32, value) === value) {
      this.bytes(0x4a); // BININT
      this.#view(4).setInt32(0, Number(value), true);
    } else {
      this.#long(value);
    }
  }

  #long(value: bigint) {
    let count = 5;
    while (BigInt.asIntN(8 * count, value) !== value) count++;
    if (count > 255) throw new TypeError("Cannot write pickle: an integer has over 255 bytes");
    this.bytes(0x8a, count); // LONG1
    for (let byte = 0; byte < count; byte++) {
      this.bytes(Number(value >> BigInt(8 * byte) & 0xffn));
    }
  }

  text(value: string) {
    if (!value.isWellFormed()) {
      throw new TypeError("Cannot write pickle: a string has half of a surrogate pair");
    }
    const encoded = new TextEncoder().encode(value);
    this.bytes(0x58); // BINUNICODE
    this.#view(4).setUint32(0, encoded.length, true);
    const start = this.#extend(encoded.length);
    this.#bytes.set(encoded, start);
  }

  global({ module, name }: GlobalName) {
    this.bytes(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`)); // GLOBAL
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
