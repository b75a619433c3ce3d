/**
 * Errors on their way from a worker to the thread that called it.
 *
 * A clone of an error keeps its message, stack and cause, but of the library's own classes neither
 * the class nor the fields. Both are restored here, so that callers can catch by class.
 */

import { DeviceMemoryError, MemoryError } from "../memory/memory_error.ts";

/** The library's own classes that workers throw; their fields can be cloned. */
const classes: readonly (new (...args: never[]) => Error)[] = [MemoryError, DeviceMemoryError];

/** An error, ready to be posted. */
export interface ThrownError {
  readonly error: Error;
  /** For an error of the library's own classes: the index of its class, and its fields. */
  readonly own?: { readonly index: number; readonly fields: object };
}

/** Describes what was thrown, to be posted. */
export function packError(thrown: unknown): ThrownError {
  if (!(thrown instanceof Error)) return { error: new Error(`${thrown}`) };
  const index = classes.findIndex((ErrorClass) => thrown.constructor === ErrorClass);
  return index < 0 ? { error: thrown } : { error: thrown, own: { index, fields: { ...thrown } } };
}

/** Restores the class and the fields of an error that was posted. */
export function unpackError({ error, own }: ThrownError): Error {
  if (!own) return error;
  return Object.assign(Object.setPrototypeOf(error, classes[own.index].prototype), own.fields);
}
