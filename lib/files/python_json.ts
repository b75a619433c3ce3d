/**
 * Reads and writes JSON like Python's `json` module, which differs from JavaScript's in allowing `NaN`
 * and `Infinity`, writing floats with a decimal point, sorting keys and escaping all but ASCII.
 */

import { parseJson } from "../untrusted/json_text.ts";

/** A Python float, which is written as `1.0` rather than `1`. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** Values of {@link formatPythonJson}; plain numbers must be integers. */
export type PythonJson =
  | PythonFloat
  | number
  | string
  | boolean
  | null
  | readonly PythonJson[]
  | { readonly [key: string]: PythonJson };

/**
 * Returns the text of `json.dumps(value, indent=4, sort_keys=True)`.
 *
 * @param options.sortKeys Sort keys, true by default.
 */
export function formatPythonJson(value: PythonJson, { sortKeys = true } = {}): string {
  return format(value, sortKeys, "");
}

function format(value: PythonJson, sortKeys: boolean, indent: string): string {
  if (value instanceof PythonFloat) return formatFloat(value.value);
  if (typeof value === "string") return formatString(value);
  if (value === null || typeof value !== "object") return String(value);
  const inner = indent + "    ";
  if (isList(value)) {
    const items = value.map((item) => inner + format(item, sortKeys, inner));
    return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indent}]`;
  }
  const keys = sortKeys ? Object.keys(value).sort() : Object.keys(value);
  const entries = keys.map((key) =>
    `${inner}${formatString(key)}: ${format(value[key], sortKeys, inner)}`
  );
  return entries.length === 0 ? "{}" : `{\n${entries.join(",\n")}\n${indent}}`;
}

/**
 * Parses JSON that may contain Python's `NaN`, `Infinity` and `-Infinity`.
 *
 * @throws {SyntaxError} If the text is not JSON otherwise.
 */
export function parsePythonJson(text: string): unknown {
  return parseWith(text, (value) => value);
}

/**
 * Parses JSON as {@link parsePythonJson} does, with floats as {@link PythonFloat}, so that
 * {@link formatPythonJson} writes what is unchanged as it was.
 *
 * @throws {SyntaxError} If the text is not JSON otherwise.
 */
export function parseKeepingFloats(text: string): PythonJson {
  const isFloat = (source: string | undefined) => source === undefined || /[.eE]/.test(source);
  return parseWith(
    text,
    (value, source) =>
      typeof value === "number" && isFloat(source) ? new PythonFloat(value) : value,
  ) as PythonJson;
}

/** @param revive Called with each value and, for those without children, its text; NaN has none. */
function parseWith(text: string, revive: (value: unknown, source?: string) => unknown): unknown {
  // JSON.parse accepts none of the three, but parses 1e999 as Infinity. NaN is replaced by a string
  // that is unique to this call.
  const nan = `NaN ${crypto.randomUUID()}`;
  const standard = text.replace(
    /"(?:[^"\\]|\\.)*"|NaN|Infinity/g,
    (token) => token === "NaN" ? `"${nan}"` : token === "Infinity" ? "1e999" : token,
  );
  return parseJson(
    standard,
    (_key, value, context?: { readonly source?: string }) =>
      value === nan ? revive(NaN) : revive(value, context?.source),
  );
}

function isList(value: PythonJson): value is readonly PythonJson[] {
  return Array.isArray(value);
}

/** Formats like `repr(float)`: shortest digits as in JavaScript, with other exponent thresholds. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0.0";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return text.includes(".") ? text : text + ".0";
}

function formatString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
