/** Converts Python's plain data to JSON values. */

/** A JSON value; numbers may be NaN or infinite, which Python's `json` allows. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * Converts plain data from Python to JSON: dictionaries become objects, tuples arrays. As in
 * Python's `json`, number keys become strings.
 *
 * @param value A value that `readPickle()` returned, which is bounded in depth and size.
 * @param what Name of the value for error messages.
 * @throws {TypeError} If it has other data, such as tensors.
 */
export function toJson(value: unknown, what: string): JsonValue {
  // A pickle can refer to the same object many times; each is converted once.
  const converted = new Map<unknown, JsonValue>();
  const convert = (value: unknown): JsonValue => {
    if (value === null || ["boolean", "number", "string"].includes(typeof value)) {
      return value as JsonValue;
    }
    const known = converted.get(value);
    if (known !== undefined) return known;
    let json: JsonValue;
    if (Array.isArray(value)) {
      json = Array.from(value, convert);
    } else if (value instanceof Map) {
      // Unlike assignment, this treats the key "__proto__" like any other.
      json = Object.fromEntries(
        Array.from(value, ([key, item]) => [convertKey(key), convert(item)]),
      );
    } else {
      throw new TypeError(
        `Cannot read ${what}: it has more than numbers, strings, lists and dicts`,
      );
    }
    converted.set(value, json);
    return json;
  };
  const convertKey = (key: unknown): string => {
    if (typeof key === "string" || typeof key === "number") return String(key);
    throw new TypeError(`Cannot read ${what}: a key is neither a string nor a number`);
  };
  return convert(value);
}
