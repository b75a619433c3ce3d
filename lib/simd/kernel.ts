/** Compiles kernels, functions of vector instructions, to WebAssembly. */

import {
  type Statement,
  unsigned,
  type ValueType,
  type Variable,
  variableAt,
} from "./instructions.ts";
import { scratchMemory } from "./scratch.ts";

/** A function that works on {@link scratchMemory} and returns nothing. */
export interface Kernel {
  readonly parameters: readonly ValueType[];
  /** Types of local variables, without the parameters. */
  readonly variables: readonly ValueType[];
  readonly statements: readonly Statement[];
}

/** Variables of the given types. */
type VariablesOf<T extends readonly ValueType[]> = {
  readonly [I in keyof T]: Variable<T[I]>;
};

/**
 * Defines a kernel.
 *
 * @param parameters Types of the parameters.
 * @param write Receives the parameters, which it may assign, and a function that declares local
 * variables; returns the kernel's statements.
 *
 * @example Doubles the floats between two addresses, four at a time
 * ```ts
 * import { f32x4, i32, loopWhile, v128 } from "./instructions.ts";
 *
 * kernel(["i32", "i32"], ([at, end]) => [
 *   loopWhile(i32.less(at, end), [
 *     v128.store(at, f32x4.add(v128.load(at), v128.load(at))),
 *     at.set(i32.add(at, i32.of(16))),
 *   ]),
 * ]);
 * ```
 */
export function kernel<const P extends readonly ValueType[]>(
  parameters: P,
  write: (
    parameters: VariablesOf<P>,
    variable: <T extends ValueType>(type: T) => Variable<T>,
  ) => readonly Statement[],
): Kernel {
  const variables: ValueType[] = [];
  const statements = write(
    parameters.map((type, index) => variableAt(type, index)) as VariablesOf<P>,
    (type) => variableAt(type, parameters.length + variables.push(type) - 1),
  );
  return { parameters, variables, statements };
}

/**
 * Compiles kernels to functions that take the parameters each kernel declares.
 *
 * @param memory The memory that addresses refer to.
 */
export function compileKernels<Name extends string>(
  kernels: Readonly<Record<Name, Kernel>>,
  memory: WebAssembly.Memory = scratchMemory,
): Readonly<Record<Name, (...parameters: number[]) => void>> {
  const module = new WebAssembly.Module(moduleOf(kernels));
  const instance = new WebAssembly.Instance(module, { scratch: { memory } });
  return instance.exports as Record<Name, (...parameters: number[]) => void>;
}

/** Whether this engine runs a kernel's instructions. */
export function isSupported(tested: Kernel): boolean {
  return WebAssembly.validate(moduleOf({ tested }));
}

const typeCodes = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/**
 * Encodes a module that contains and exports all kernels.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
function moduleOf(kernels: Readonly<Record<string, Kernel>>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(kernels);
  const functionType = 0x60, memory = 0x02, unlimited = 0x00, exportedFunction = 0x00;
  return Uint8Array.from([
    ...[0x00, ...text("asm").slice(1), 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      entries.map(([, { parameters }]) => [
        functionType,
        ...list(parameters.map((type) => [typeCodes[type]])),
        ...list([]),
      ]),
    ),
    ...section(2, [[...text("scratch"), ...text("memory"), memory, unlimited, 1]]),
    ...section(3, entries.map((_, index) => unsigned(index))),
    ...section(
      7,
      entries.map(([name], index) => [...text(name), exportedFunction, ...unsigned(index)]),
    ),
    ...section(10, entries.map(([, kernel]) => sized(bodyOf(kernel)))),
  ]);
}

function bodyOf({ variables, statements }: Kernel): number[] {
  const end = 0x0b;
  return [...list(variables.map((type) => [1, typeCodes[type]])), ...statements.flat(), end];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  return [id, ...sized(list(items))];
}

/** Encodes a list of items, preceded by their number. */
function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

/** Encodes bytes, preceded by their number. */
function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function text(name: string): number[] {
  return sized([...new TextEncoder().encode(name)]);
}
