/** Checks names from files that become the names of files or folders. */

/** Bytes that the name of a file may have on all common systems. */
const MAX_NAME_BYTES = 255;

/**
 * Returns whether a name stays in the folder that it is used in: no separators, drives or control
 * characters, and no leading period, which hides a file and is how `..` begins.
 */
export function isFileName(name: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^(?!\.)(?![A-Za-z]:)[^/\\\x00-\x1f\x7f-\x9f]+$/.test(name) &&
    new TextEncoder().encode(name).length <= MAX_NAME_BYTES;
}

/** What {@link isFileName} demands, for error messages. */
export const EXPECTED_FILE_NAME = "expected a valid file name";

/**
 * Checks a name that becomes the name of a file or folder.
 *
 * @param name The name.
 * @param what What it is the name of, and where it was found: `Cannot read plans: dataset_name`.
 * @throws {RangeError} If it could lead out of the folder that it is used in.
 */
export function requireFileName(name: string, what: string): void {
  if (!isFileName(name)) {
    throw new RangeError(`${what} is ${JSON.stringify(name)}, ${EXPECTED_FILE_NAME}`);
  }
}
