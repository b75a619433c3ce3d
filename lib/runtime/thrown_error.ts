/**
 * Transfers errors from a worker to the thread that called it.
 *
 * Code may throw anything, and a structured clone fails on functions and handles, which errors and
 * their causes may hold. So only plain data is sent: class, message, stack, causes, and the fields of
 * the library's own errors. The other side restores the classes, so that callers can catch by class.
 */

import { AlreadyExistsError } from "../files/already_exists_error.ts";
import { DeviceMemoryError, MemoryError } from "../memory/memory_error.ts";
import { ErrorWithRemedy } from "../options/error_with_remedy.ts";
import { reasonOf } from "../options/reason_of.ts";
import { FileError } from "../platform/file_error.ts";

type ErrorClass = new (...args: never[]) => Error;

/** The library's error classes that workers throw; their fields can be cloned. */
const ownClasses: readonly ErrorClass[] = [
  MemoryError,
  DeviceMemoryError,
  FileError,
  ErrorWithRemedy,
  AlreadyExistsError,
];

/** The language's error classes. */
const builtIn: readonly (new (message: string) => Error)[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
];

/** Number of causes that are sent; a circle of causes ends here. */
const causesKept = 8;

/** An error as plain data. */
export interface ThrownError {
  readonly message: string;
  readonly stack?: string;
  /** Name of the error; for a `DOMException`, such as `AbortError`, also its kind. */
  readonly name: string;
  readonly kind:
    | { readonly own: number; readonly fields: object }
    | { readonly builtIn: number }
    | "DOMException";
  /** The system's or package's code of the error, if it has one. */
  readonly code?: string;
  readonly cause?: ThrownError;
  /** For an `AggregateError`, what it consists of. */
  readonly errors?: readonly ThrownError[];
}

/** Packs what was thrown, whatever it is, as data that can be cloned. */
export function packError(thrown: unknown): ThrownError {
  try {
    return pack(thrown, 0);
  } catch {
    // A getter of the error threw.
    return { message: reasonOf(undefined), name: "Error", kind: { builtIn: 0 } };
  }
}

function pack(thrown: unknown, depth: number): ThrownError {
  if (!isError(thrown)) return { message: reasonOf(thrown), name: "Error", kind: { builtIn: 0 } };
  const { message, name, stack, cause } = thrown;
  const code = "code" in thrown ? thrown.code : undefined;
  const errors = "errors" in thrown && Array.isArray(thrown.errors) ? thrown.errors : undefined;
  const goOn = depth < causesKept;
  return {
    message: message ? `${message}` : reasonOf(thrown),
    name: typeof name === "string" ? name : "Error",
    kind: kindOf(thrown),
    ...typeof stack === "string" && { stack },
    ...typeof code === "string" && { code },
    ...goOn && cause !== undefined && cause !== null && { cause: pack(cause, depth + 1) },
    ...goOn && errors && { errors: errors.map((error) => pack(error, depth + 1)) },
  };
}

function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || thrown instanceof DOMException;
}

function kindOf(thrown: Error): ThrownError["kind"] {
  if (thrown instanceof DOMException) return "DOMException";
  const own = ownClasses.findIndex((ErrorClass) => thrown.constructor === ErrorClass);
  if (own >= 0) {
    const { cause: _, ...fields } = thrown; // The cause is packed separately.
    return { own, fields };
  }
  // The last match is the most derived class: all derive from Error.
  return { builtIn: builtIn.findLastIndex((ErrorClass) => thrown instanceof ErrorClass) };
}

/** Restores an error with its class, its fields and its causes. */
export function unpackError(packed: ThrownError): Error {
  const { message, stack, name, kind, code, cause, errors } = packed;
  const error = create(packed);
  const hidden = (key: string, value: unknown) =>
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  if (stack !== undefined) hidden("stack", stack);
  if (cause) hidden("cause", unpackError(cause));
  if (kind === "DOMException") return error;
  if (error.message !== message) hidden("message", message);
  if (error.name !== name) hidden("name", name);
  if (code !== undefined) Object.assign(error, { code });
  if (errors) hidden("errors", errors.map(unpackError));
  return error;
}

function create({ message, name, kind, errors }: ThrownError): Error {
  if (kind === "DOMException") return new DOMException(message, name);
  if ("own" in kind) {
    const error = Object.setPrototypeOf(new Error(message), ownClasses[kind.own].prototype);
    return Object.assign(error, kind.fields);
  }
  return errors ? new AggregateError([], message) : new builtIn[kind.builtIn](message);
}
