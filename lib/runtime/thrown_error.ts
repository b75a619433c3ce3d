/**
 * Transfers errors from a worker to the thread that called it.
 *
 * A structured clone of an error keeps its message, stack and cause, but not the class and fields of
 * the library's own errors. Both are restored here, so that callers can catch by class.
 */

import { DeviceMemoryError, MemoryError } from "../memory/memory_error.ts";

/** The library's error classes that workers throw; their fields can be cloned. */
const classes: readonly (new (...args: never[]) => Error)[] = [MemoryError, DeviceMemoryError];

/** An error in a form that can be cloned. */
export interface ThrownError {
  readonly error: Error;
  /** For an error of the library's own classes, the index of its class, and its fields. */
  readonly own?: { readonly index: number; readonly fields: object };
}

/** Packs what was thrown, so that it can be cloned. */
export function packError(thrown: unknown): ThrownError {
  if (!(thrown instanceof Error)) return { error: new Error(`${thrown}`) };
  const index = classes.findIndex((ErrorClass) => thrown.constructor === ErrorClass);
  return index < 0 ? { error: thrown } : { error: thrown, own: { index, fields: { ...thrown } } };
}

/** Restores the class and the fields of an error. */
export function unpackError({ error, own }: ThrownError): Error {
  if (!own) return error;
  return Object.assign(Object.setPrototypeOf(error, classes[own.index].prototype), own.fields);
}
