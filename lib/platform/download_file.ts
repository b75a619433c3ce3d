/** Downloads files over HTTP into a folder that a later call with the same address continues. */

import { writeJsonAtomically } from "./atomic_write.ts";
import { FileError } from "./file_error.ts";
import { createFolder, exists, fileInfo, readTextFile, removeIfPresent } from "./files.ts";
import { flushFile } from "./flush.ts";
import { join } from "./paths.ts";
import { spaceIfFull } from "./write_error.ts";
import { reasonOf } from "../options/reason_of.ts";
import { isFileName } from "../untrusted/file_name.ts";
import { printable } from "../untrusted/printable.ts";

/** How to observe and abort a download. */
export interface DownloadOptions {
  /** Aborts the download; what has arrived is kept. */
  readonly signal?: AbortSignal;
  /** Called with the bytes that are there, and those of the whole file if the server says so. */
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Called with the number of bytes of an earlier call that are kept. */
  readonly onResume?: (bytes: number) => void;
}

/**
 * This process may not use the network.
 *
 * @example Telling a missing permission from other errors
 * ```ts ignore
 * import { downloadModels, NetworkDeniedError } from "nnunet";
 *
 * await downloadModels("https://example.org/model.zip", "nnUNet_results").catch((error) => {
 *   if (error instanceof NetworkDeniedError) console.error("Start Deno with --allow-net");
 *   else throw error;
 * });
 * ```
 */
export class NetworkDeniedError extends Error {
  /** The class's name. */
  override readonly name = "NetworkDeniedError";
}

/** What is known of the file that a part is of. */
interface Part {
  readonly url: string;
  /** What the server names the content by: an entity tag, or when it was last changed. */
  readonly validator: string;
  readonly total?: number;
}

/** Calls in a row that may bring nothing before a download fails. */
const TRIES = 3;

/**
 * Downloads a file.
 *
 * What arrived before a call ended is kept in the folder with the server's name for the content. The
 * next call asks for the rest only if the server still has the same content. A connection that
 * breaks is opened again.
 *
 * @param url Address of the file, of `http` or `https`.
 * @param folder Folder for the file and what is known of it.
 * @param options How to observe and abort the download.
 * @returns Path of the complete file.
 * @throws {TypeError} If the address is not one of `http` or `https`.
 * @throws {NetworkDeniedError} If this process may not use the network.
 * @throws {Error} If the server cannot be reached, or answers with an error.
 * @throws {FileError} If a file cannot be written.
 * @throws The signal's reason, if it is aborted.
 */
export async function downloadFile(
  url: string,
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  requireAddress(url);
  await createFolder(folder, { recursive: true });
  const path = join(folder, nameIn(url));
  const kept = await sizeOf(path);
  if (kept > 0 && await readPart(folder, url)) options.onResume?.(kept);
  for (let fruitless = 0;;) {
    const before = await sizeOf(path);
    const failure = await receive(url, folder, path, options);
    options.signal?.throwIfAborted();
    if (!failure) break;
    fruitless = await sizeOf(path) > before ? 0 : fruitless + 1;
    if (fruitless >= TRIES || failure instanceof FileError) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 500 * fruitless));
  }
  await flushFile(path);
  return path;
}

/** What is known of the part. */
const PART = "part.json";

/** Returns the name of the file, that of the address if it has one. */
function nameIn(url: string): string {
  const last = new URL(url).pathname.split("/").at(-1)!;
  return isFileName(last) && last !== PART ? last : "content";
}

/** @throws {TypeError} If a text is not an address to download from. */
function requireAddress(url: string): void {
  const address = URL.parse(url);
  if (address && /^https?:$/.test(address.protocol)) return;
  throw new TypeError(`Cannot download ${printable(url)}: expected an address http:// or https://`);
}

/**
 * Receives the content, or the rest of it.
 *
 * @returns The failure after which it is worth trying again; undefined if the file is complete.
 * @throws What trying again would not help.
 */
async function receive(
  url: string,
  folder: string,
  path: string,
  { signal, onProgress }: DownloadOptions,
): Promise<Error | undefined> {
  const part = await readPart(folder, url);
  const size = part ? await sizeOf(path) : 0;
  if (part?.total !== undefined && part.total === size) return undefined;
  const fail = (reason: string, cause?: unknown) =>
    new Error(`Cannot download ${printable(url)}: ${reason}`, { cause });
  let response: Response;
  try {
    response = await fetch(url, {
      signal,
      headers: {
        "Accept-Encoding": "identity", // Bytes of packed content could not be continued.
        ...part && size > 0 && { Range: `bytes=${size}-`, "If-Range": part.validator },
      },
    });
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Deno.errors.NotCapable) {
      throw new NetworkDeniedError(
        `Cannot download ${printable(url)}: this program may not use the network`,
        { cause },
      );
    }
    return fail(reasonOf(cause), cause);
  }
  const { status, statusText, body } = response;
  const continues = status === 206 && startOf(response) === size;
  if (!continues && status !== 200) {
    await body?.cancel();
    if (status === 416 && size > 0) {
      await removeIfPresent(path); // There is no rest to ask for.
      return fail("the server has less than what is there");
    }
    throw fail(`the server answered ${status} ${printable(statusText)}`.trimEnd());
  }
  const length = lengthOf(response);
  const total = length === undefined ? undefined : length + (continues ? size : 0);
  const validator = validatorOf(response);
  if (!continues) {
    await writeJsonAtomically(
      join(folder, PART),
      { url, validator: validator ?? "", ...total !== undefined && { total } } satisfies Part,
    );
  }
  using file = await openAt(path, continues ? size : 0);
  let done = continues ? size : 0;
  onProgress?.(done, total);
  try {
    for await (const piece of body ?? []) {
      await writeAll(file, piece, path);
      done += piece.length;
      onProgress?.(done, total);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof FileError) throw cause;
    return fail(`the connection ended after ${done} bytes: ${reasonOf(cause)}`, cause);
  }
  if (total === undefined || done === total) return undefined;
  return fail(`the connection ended after ${done} of ${total} bytes`);
}

/** Opens a file for writing from an offset on, and drops what follows. */
async function openAt(path: string, offset: number): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path, { write: true, create: true });
    await file.truncate(offset);
    await file.seek(offset, Deno.SeekMode.Start);
    return file;
  } catch (cause) {
    throw new FileError("write", path, cause);
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array, path: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  } catch (cause) {
    const { code = "" } = cause as { code?: string };
    throw new FileError("write", path, cause, spaceIfFull(path, code, { moreThan: bytes.length }));
  }
}

/** Reads what is known of an earlier call's part, if it can be continued. */
async function readPart(folder: string, url: string): Promise<Part | undefined> {
  const path = join(folder, PART);
  if (!await exists(path)) return undefined;
  try {
    const part: Part = JSON.parse(await readTextFile(path));
    return part.url === url && part.validator ? part : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return await exists(path) ? (await fileInfo(path)).size : 0;
}

/** The first byte of a partial answer. */
function startOf({ headers }: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

/** The bytes of an answer; unknown if the server packed them on the way after all. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

/** What the server names the content by. A weak entity tag does not promise the same bytes. */
function validatorOf({ headers }: Response): string | undefined {
  if (headers.has("content-encoding")) return undefined;
  const tag = headers.get("etag");
  if (tag && !tag.startsWith("W/")) return tag;
  return headers.get("last-modified") ?? undefined;
}
