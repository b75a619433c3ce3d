/**
 * Reads Python pickles without running anything in them.
 *
 * A pickle is a program for a small stack machine that may name any function of Python and call
 * it. Here a name means only what the caller's list says; any other name is an error. The opcodes
 * are those that CPython writes for plain data in protocols 2 to 4, which covers PyTorch's files
 * and nnU-Net's `.pkl` ones.
 *
 * This is ours rather than the package pickleparser because that one gives lists and tuples alike,
 * reads negative long integers as positive, prints warnings, and on BUILD assigns properties named
 * by the file to whatever object lies on the stack, our own functions included.
 *
 * @see CPython Lib/pickletools.py, which documents every opcode
 */

import { type PythonValue, Tuple } from "./python_values.ts";

/** What a name in a pickle stands for. */
export interface PickleGlobal {
  /** `module.name` as Python spells it. */
  readonly name: string;
  /** The value that stands for a call with these arguments; without it, a call is an error. */
  readonly call?: (args: readonly unknown[]) => unknown;
  /** Takes the state that Python would hand to an object which `call` made. */
  readonly setState?: (object: unknown, state: unknown) => void;
}

/** What a pickle may refer to. */
export interface PickleReferences {
  readonly globals: readonly PickleGlobal[];
  /** The object behind a persistent id; without it, such an id is an error. */
  readonly loadPersistent?: (id: unknown) => unknown;
}

/**
 * The value of a pickle; see {@link PythonValue} for what Python's types become, besides what the
 * given globals make.
 *
 * Objects that the pickle shares are shared in the result, and it may contain itself.
 *
 * @throws {TypeError} If it names a class or function that is not among the given ones.
 * @throws {SyntaxError} If the bytes are no pickle, are cut short, or use an opcode beyond plain
 * data.
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

  const fail = (found: string): never => {
    throw new SyntaxError(`Cannot read pickle: ${found}, before byte ${input.position}`);
  };
  const pop = (): unknown =>
    stack.length > (marks.at(-1) ?? 0) ? stack.pop() : fail("its stack runs empty");
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
    if (!Array.isArray(list) || list instanceof Tuple) return fail("it appends to no list");
    for (const item of items) list.push(item);
  };
  const setItems = (items: readonly unknown[]) => {
    const dict = peek();
    if (!(dict instanceof Map) || items.length % 2 !== 0) return fail("it sets items of no dict");
    for (let item = 0; item < items.length; item += 2) dict.set(items[item], items[item + 1]);
  };
  const pushGlobal = (module: unknown, name: unknown) => {
    if (typeof module !== "string" || typeof name !== "string") fail("a name is no text");
    // Protocol 2 keeps Python 2's name of the module.
    const fullName = `${module === "__builtin__" ? "builtins" : module}.${name}`;
    const global = known.get(fullName);
    if (!global) {
      throw new TypeError(
        `Cannot read pickle: it contains ${fullName}, which is not plain data (nothing was run)`,
      );
    }
    stack.push(global);
  };
  const call = () => {
    const [callee, args] = popMany(2);
    const global = known.get((callee as PickleGlobal | null)?.name ?? "");
    if (!global?.call || global !== callee || !(args instanceof Tuple)) {
      return fail(`it calls ${global?.name ?? "what is no function"}`);
    }
    const made = global.call(args);
    if (typeof made === "object" && made !== null) makers.set(made, global);
    stack.push(made);
  };
  const setState = () => {
    const state = pop();
    const object = peek();
    const maker = typeof object === "object" && object ? makers.get(object) : undefined;
    if (!maker?.setState) return fail(`it sets the state of ${maker?.name ?? "plain data"}`);
    maker.setState(object, state);
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
      case 0x2e: // STOP
        return pop();

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

/** Takes values off the front of a pickle, never past its end. */
class PickleInput {
  position = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves on by a number of bytes and says where they start. */
  #take(count: number): number {
    const start = this.position;
    if (count > this.#bytes.length - start) {
      throw new SyntaxError(
        `Cannot read pickle: it ends at byte ${this.#bytes.length}, ` +
          `expected ${count} bytes from byte ${start} on`,
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

  /** Alone among the numbers, floats are big-endian. */
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
    // Without a line end, asking for one byte more than there are gives the right error.
    const length = (end < 0 ? this.#bytes.length : end) - this.position;
    const text = this.text(length);
    this.byte();
    return text;
  }
}

/** Little-endian two's complement; a `bigint` where a `number` would lose digits. */
function decodeInteger(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let byte = bytes.length - 1; byte >= 0; byte--) value = value << 8n | BigInt(bytes[byte]);
  value = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
