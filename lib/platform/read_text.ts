/** Reads files of text and JSON, with errors that name the file. */

import { fileInfo, readFile } from "./files.ts";
import { reasonOf } from "../options/reason_of.ts";
import { parseJson } from "../untrusted/json_text.ts";
import { MAX_JSON_BYTES } from "../untrusted/limits.ts";
import { printable } from "../untrusted/printable.ts";

/**
 * Reads a file as UTF-8.
 *
 * @throws {Error} If the file cannot be read or is not UTF-8; `cause` says why.
 * @throws {Error} If it has more than {@link MAX_JSON_BYTES}, or is a pipe or device, which may
 * never end.
 */
export async function readText(path: string): Promise<string> {
  try {
    const { isFile, isDirectory, size } = await fileInfo(path);
    if (!isFile && !isDirectory) throw new TypeError("it is a pipe or device, expected a file");
    if (size > MAX_JSON_BYTES) {
      throw new RangeError(`it has ${size} bytes, expected at most ${MAX_JSON_BYTES}`);
    }
    return decode(await readFile(path));
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError("it is not UTF-8, expected text", { cause });
  }
}

/**
 * Reads a whole file as UTF-8 and parses it.
 *
 * @param kind What the file holds, named in errors.
 * @throws {Error} If the file cannot be read.
 * @throws {SyntaxError} If `parse` throws, with its error as the cause.
 */
export function readParsed<T>(path: string, kind: string, parse: (text: string) => T): Promise<T> {
  return readAs(`${kind} ${path}`, path, parse);
}

/**
 * Reads and parses a JSON file.
 *
 * @throws {SyntaxError} If the file is not JSON.
 * @throws {Error} If the file cannot be read.
 */
export function readJson(path: string): Promise<unknown> {
  return readAs(path, path, (text) => parseJson(text));
}

async function readAs<T>(title: string, path: string, parse: (text: string) => T): Promise<T> {
  const text = await readText(path);
  try {
    return parse(text);
  } catch (cause) {
    // A parser may quote what it found.
    const reason = printable(reasonOf(cause), { keepLines: true });
    throw new SyntaxError(`Cannot read ${title}: ${reason}`, { cause });
  }
}
