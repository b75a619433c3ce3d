/** The part of Python's plain data that JSON can say. */

/** A JSON value; numbers may be NaN or infinite, which Python's `json` allows. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Deeper than any plans, and shallow enough for a recursive function on a hostile file. */
const MAX_DEPTH = 100;

/**
 * Plain data read from Python as JSON: dictionaries become objects, tuples arrays. As in Python's
 * `json`, number keys become strings.
 *
 * @param what Names the value in errors.
 * @throws {TypeError} If it holds other data, such as tensors, or nests deeper than 100 levels.
 */
export function toJson(value: unknown, what: string): JsonValue {
  // A pickle can refer to one object many times over; each is converted once.
  const converted = new Map<unknown, JsonValue>();
  const convert = (value: unknown, depth: number): JsonValue => {
    if (value === null || ["boolean", "number", "string"].includes(typeof value)) {
      return value as JsonValue;
    }
    const known = converted.get(value);
    if (known !== undefined) return known;
    if (depth === MAX_DEPTH) {
      throw new TypeError(`Cannot read ${what}: it nests deeper than ${MAX_DEPTH} levels`);
    }
    let json: JsonValue;
    if (Array.isArray(value)) {
      json = Array.from(value, (item) => convert(item, depth + 1));
    } else if (value instanceof Map) {
      // Unlike assignment, this makes a key "__proto__" an ordinary one.
      json = Object.fromEntries(
        Array.from(value, ([key, item]) => [convertKey(key), convert(item, depth + 1)]),
      );
    } else {
      throw new TypeError(`Cannot read ${what}: it holds more than numbers, text, lists and dicts`);
    }
    converted.set(value, json);
    return json;
  };
  const convertKey = (key: unknown): string => {
    if (typeof key === "string" || typeof key === "number") return String(key);
    throw new TypeError(`Cannot read ${what}: a key is neither text nor a number`);
  };
  return convert(value, 0);
}
