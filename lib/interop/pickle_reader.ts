/**
 * Reads Python pickles without executing code in them.
 *
 * A pickle is a program for a small stack machine that can name and call any Python function. This
 * reader accepts only the names in the caller's list. The supported opcodes are those that CPython
 * writes for plain data in protocols 2 to 4, which covers PyTorch's and nnU-Net's files.
 *
 * The package pickleparser is not used because it does not distinguish lists from tuples, reads
 * negative long integers as positive, prints warnings, and on BUILD assigns properties named in the
 * file to any object on the stack, including the caller's functions.
 *
 * @see CPython Lib/pickletools.py, which documents every opcode
 */

import { CopyCount, requireBounded } from "./pickle_bounds.ts";
import { type PythonValue, Tuple } from "./python_values.ts";

/** Meaning of a name in a pickle. */
export interface PickleGlobal {
  /** Qualified name in Python, `module.name`. */
  readonly name: string;
  /** Returns the value of a call; without it, calls are an error. */
  readonly call?: (args: readonly unknown[]) => unknown;
  /** Sets the state of an object that `call` returned. */
  readonly setState?: (object: unknown, state: unknown) => void;
}

/** Names and objects that a pickle may refer to. */
export interface PickleReferences {
  readonly globals: readonly PickleGlobal[];
  /** Returns the object with a persistent id; without it, such ids are an error. */
  readonly loadPersistent?: (id: unknown) => unknown;
}

/**
 * Returns the value of a pickle. {@link PythonValue} lists the conversions of Python's types,
 * besides those of the given globals.
 *
 * Shared objects are shared in the result. It is small enough to be written out in full, without
 * sharing: see `lib/untrusted/limits.ts`.
 *
 * @throws {TypeError} If the pickle names a class or function that is not in `globals`.
 * @throws {SyntaxError} If the bytes are not a pickle, are truncated, or use unsupported opcodes.
 * @throws {RangeError} If the value contains itself, or exceeds a limit of depth, size or memory.
 */
export function readPickle(
  bytes: Uint8Array<ArrayBuffer>,
  { globals, loadPersistent }: PickleReferences,
): unknown {
  const known = new Map(globals.map((global) => [global.name, global]));
  const input = new PickleInput(bytes);
  const stack: unknown[] = [];
  const marks: number[] = [];
  const memo = new Map<number, unknown>();
  const makers = new WeakMap<object, PickleGlobal>();
  const copies = new CopyCount(bytes.buffer);

  const fail = (found: string): never => {
    throw new SyntaxError(`Cannot read pickle: ${found}, before byte ${input.position}`);
  };
  const pop = (): unknown =>
    stack.length > (marks.at(-1) ?? 0) ? stack.pop() : fail("its stack is empty");
  const popMany = (count: number): unknown[] => Array.from({ length: count }, pop).reverse();
  const popToMark = (): unknown[] => stack.splice(marks.pop() ?? fail("it lacks a mark"));
  const peek = (): unknown => {
    const top = pop();
    stack.push(top);
    return top;
  };
  const pushTuple = (items: unknown[]) => stack.push(Tuple.from(items as PythonValue[]));
  const append = (items: readonly unknown[]) => {
    const list = peek();
    if (!Array.isArray(list) || list instanceof Tuple) {
      return fail("it appends to something other than a list");
    }
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly unknown[]) => {
    const dict = peek();
    if (!(dict instanceof Map) || items.length % 2 !== 0) {
      return fail("it sets items of something other than a dict");
    }
    for (let item = 0; item < items.length; item += 2) dict.set(items[item], items[item + 1]);
  };
  const pushGlobal = (module: unknown, name: unknown) => {
    if (typeof module !== "string" || typeof name !== "string") fail("a name is not a string");
    // Protocol 2 uses Python 2's name of the module.
    const fullName = `${module === "__builtin__" ? "builtins" : module}.${name}`;
    const global = known.get(fullName);
    if (!global) {
      throw new TypeError(
        `Cannot read pickle: it contains ${fullName}, which is not plain data (not executed)`,
      );
    }
    stack.push(global);
  };
  const call = () => {
    const [callee, args] = popMany(2);
    const global = known.get((callee as PickleGlobal | null)?.name ?? "");
    if (!global?.call || global !== callee || !(args instanceof Tuple)) {
      return fail(`it calls ${global?.name ?? "something other than a function"}`);
    }
    const made = global.call(args);
    copies.add(made);
    if (typeof made === "object" && made !== null) makers.set(made, global);
    stack.push(made);
  };
  const setState = () => {
    const state = pop();
    const object = peek();
    const maker = typeof object === "object" && object ? makers.get(object) : undefined;
    if (!maker?.setState) return fail(`it sets the state of ${maker?.name ?? "plain data"}`);
    maker.setState(object, state);
    copies.add(object);
  };
  const recall = (index: number) => {
    if (!memo.has(index)) fail(`it recalls object ${index}, which it never stored`);
    stack.push(memo.get(index));
  };

  for (;;) {
    const opcode = input.byte();
    switch (opcode) {
      case 0x80: // PROTO
        if (input.byte() > 5) fail("its protocol is newer than 5");
        break;
      case 0x95: // FRAME
        input.bytes(8);
        break;
      case 0x2e: { // STOP
        const value = pop();
        requireBounded(value, bytes.length);
        return value;
      }

      case 0x28: // MARK
        marks.push(stack.length);
        break;
      case 0x30: // POP
        pop();
        break;
      case 0x31: // POP_MARK
        popToMark();
        break;
      case 0x32: // DUP
        stack.push(peek());
        break;

      case 0x71: // BINPUT
        memo.set(input.byte(), peek());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(input.uint32(), peek());
        break;
      case 0x94: // MEMOIZE
        memo.set(memo.size, peek());
        break;
      case 0x68: // BINGET
        recall(input.byte());
        break;
      case 0x6a: // LONG_BINGET
        recall(input.uint32());
        break;

      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4b: // BININT1
        stack.push(input.byte());
        break;
      case 0x4d: // BININT2
        stack.push(input.uint16());
        break;
      case 0x4a: // BININT
        stack.push(input.uint32() | 0);
        break;
      case 0x8a: // LONG1
        stack.push(decodeInteger(input.bytes(input.byte())));
        break;
      case 0x47: // BINFLOAT
        stack.push(input.float64());
        break;

      case 0x58: // BINUNICODE
        stack.push(input.text(input.uint32()));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(input.text(input.byte()));
        break;
      case 0x42: // BINBYTES
        stack.push(input.bytes(input.uint32()));
        break;
      case 0x43: // SHORT_BINBYTES
        stack.push(input.bytes(input.byte()));
        break;

      case 0x29: // EMPTY_TUPLE
        stack.push(new Tuple());
        break;
      case 0x85: // TUPLE1
        pushTuple(popMany(1));
        break;
      case 0x86: // TUPLE2
        pushTuple(popMany(2));
        break;
      case 0x87: // TUPLE3
        pushTuple(popMany(3));
        break;
      case 0x74: // TUPLE
        pushTuple(popToMark());
        break;
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        break;
      case 0x61: // APPEND
        append(popMany(1));
        break;
      case 0x65: // APPENDS
        append(popToMark());
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x73: // SETITEM
        setItems(popMany(2));
        break;
      case 0x75: // SETITEMS
        setItems(popToMark());
        break;

      case 0x63: // GLOBAL
        pushGlobal(input.line(), input.line());
        break;
      case 0x93: { // STACK_GLOBAL
        const [module, name] = popMany(2);
        pushGlobal(module, name);
        break;
      }
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        call();
        break;
      case 0x62: // BUILD
        setState();
        break;
      case 0x51: { // BINPERSID
        const id = pop();
        stack.push(loadPersistent ? loadPersistent(id) : fail("it refers to an outside object"));
        break;
      }
      default:
        fail(`unknown opcode 0x${opcode.toString(16).padStart(2, "0")}`);
    }
  }
}

/** Reads values of a pickle sequentially, never past its end. */
class PickleInput {
  position = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Advances by a number of bytes and returns their position. */
  #take(count: number): number {
    const start = this.position;
    if (count > this.#bytes.length - start) {
      throw new SyntaxError(
        `Cannot read pickle: it ends at byte ${this.#bytes.length}, ` +
          `expected ${count} bytes from byte ${start}`,
      );
    }
    this.position += count;
    return start;
  }

  byte(): number {
    return this.#bytes[this.#take(1)];
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads a float, which is big-endian, unlike the other numbers. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    const start = this.#take(count);
    return this.#bytes.subarray(start, start + count);
  }

  text(bytes: number): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes(bytes));
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    // Without a line end, reading one byte too many throws the right error.
    const length = (end < 0 ? this.#bytes.length : end) - this.position;
    const text = this.text(length);
    this.byte();
    return text;
  }
}

/** Decodes little-endian two's complement; returns a `bigint` if a `number` would lose digits. */
function decodeInteger(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let byte = bytes.length - 1; byte >= 0; byte--) value = value << 8n | BigInt(bytes[byte]);
  value = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
