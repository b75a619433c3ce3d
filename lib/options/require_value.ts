/**
 * Checks values that users pass, whose types JavaScript does not check, so that a mistake is reported
 * in the library's words where it was made.
 */

import { nearestName } from "./require_known.ts";

/** A condition on values, and its description for messages. */
export interface Rule {
  /** What is expected, such as `a string`. */
  readonly expected: string;
  /** Whether a value is of the right kind; a value of another kind is a `TypeError`. */
  readonly isKind: (value: unknown) => boolean;
  /** Whether a value of the right kind is valid; a value that is not is a `RangeError`. */
  readonly holds?: (value: unknown) => boolean;
}

/** A text that is not empty, such as a path. */
export const text: Rule = {
  expected: "a string",
  isKind: (value) => typeof value === "string",
  holds: (value) => value !== "",
};

/** `true` or `false`; a string such as "no" would count as true. */
export const flag: Rule = {
  expected: "true or false",
  isKind: (value) => typeof value === "boolean",
};

/** An integer of at least `lowest`. */
export function wholeFrom(lowest: number): Rule {
  return numberThat(
    `an integer of at least ${lowest}`,
    (value) => Number.isInteger(value) && value >= lowest,
  );
}

/** A number with a condition, which its description includes. */
export function numberThat(expected: string, holds: (value: number) => boolean): Rule {
  return {
    expected,
    isKind: (value) => typeof value === "number",
    holds: (value) => holds(value as number),
  };
}

/** An object with a property that other objects, such as a promise of it, lack. */
export function objectWith(property: string, expected: string): Rule {
  return {
    expected,
    isKind: (value) => typeof value === "object" && value !== null && property in value,
  };
}

/**
 * Requires that a value follows a rule.
 *
 * @param value The value that the user passed.
 * @param rule The rule.
 * @param action What cannot be done otherwise, for the message, such as `train`.
 * @param name Name of the parameter or option.
 * @throws {TypeError} If the value is of another kind; the message says what it is, and how to turn
 * a promise or a URL into what is expected.
 * @throws {RangeError} If it is of the right kind, but invalid.
 *
 * @example A forgotten `await`
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.throws(
 *   () => requireValue(Promise.resolve("scans"), text, "read", "path"),
 *   new TypeError("Cannot read: path is a promise, expected a string; await it"),
 * );
 * ```
 */
export function requireValue(value: unknown, rule: Rule, action: string, name: string): void {
  const isKind = rule.isKind(value);
  if (isKind && (rule.holds?.(value) ?? true)) return;
  const Kind = isKind ? RangeError : TypeError;
  throw new Kind(
    `Cannot ${action}: ${name} is ${describeValue(value)}, expected ${rule.expected}` +
      remedyOf(value),
  );
}

/** As {@link requireValue}, for an option that may be left out. */
export function requireOption(value: unknown, rule: Rule, action: string, name: string): void {
  if (value !== undefined) requireValue(value, rule, action, name);
}

/**
 * Requires that a value is a list whose elements follow a rule.
 *
 * @param expected What is expected instead of another kind of value, such as `a list of paths`.
 * @throws As {@link requireValue}; the message names the element, such as `paths[0]`.
 */
export function requireList(
  value: unknown,
  rule: Rule,
  action: string,
  name: string,
  expected: string,
): void {
  requireValue(value, { expected, isKind: Array.isArray }, action, name);
  for (const [index, one] of (value as readonly unknown[]).entries()) {
    requireValue(one, rule, action, `${name}[${index}]`);
  }
}

/**
 * Requires that a value is one of several names.
 *
 * @throws {RangeError} If it is none; the message lists them, and says which is closest.
 */
export function requireOneOf(
  value: unknown,
  names: readonly string[],
  action: string,
  name: string,
): void {
  if (names.includes(value as string)) return;
  const near = typeof value === "string" ? nearestName(value, names) : undefined;
  throw new RangeError(
    `Cannot ${action}: ${name} is ${describeValue(value)}, expected one of ${names.join(", ")}` +
      (near === undefined ? remedyOf(value) : `; did you mean "${near}"?`),
  );
}

/** Describes a value for messages: short ones as they are, others by their kind. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (isPromise(value)) return "a promise";
  if (Array.isArray(value)) {
    return value.length <= 4 && value.every((one) => typeof one !== "object")
      ? `[${value.map((one) => typeof one === "string" ? JSON.stringify(one) : one).join(", ")}]`
      : "a list";
  }
  return withArticle(value.constructor?.name ?? "Object");
}

/** Returns a class's name with its article, such as `an Int8Array` or `a URL`. */
export function withArticle(className: string): string {
  if (className === "" || className === "Object") return "an object";
  return `${/^([AEIO]|U(?!RL|int))/.test(className) ? "an" : "a"} ${className}`;
}

/** How to turn a value into what is expected, as the end of a message; empty if that is not known. */
export function remedyOf(value: unknown): string {
  if (isPromise(value)) return "; await it";
  return value instanceof URL ? "; pass its path, as `fileURLToPath()` of node:url returns it" : "";
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
