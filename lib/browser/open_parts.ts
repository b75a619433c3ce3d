/** Loads what `nnunet/browser` needs from files on the page's server. */

import { requireKnown } from "../options/require_known.ts";
import { libraryFileNames, setPartsAddress } from "./parts_address.ts";
import { pageFileNames } from "./page_manifest.ts";
import { setPageResources, type WasmName, wasmNames } from "./page_resources.ts";

const copyAll = "copy the whole folder of the page to the server, and open the page from there";

/** How to observe {@link openParts}. */
export interface OpenPartsOptions {
  /** Called with the bytes of all files together that are loaded so far. */
  readonly onProgress?: (loadedBytes: number) => void;
}

/**
 * Loads the WebAssembly, and sets the address of the script for workers. Call it before anything else.
 *
 * @param folder Address of the folder with the parts, relative to the page.
 * @param options How to observe the loading.
 * @throws {TypeError} If an option is unknown.
 * @throws {Error} If a file cannot be loaded.
 *
 * @example
 * ```ts ignore
 * import { openParts } from "nnunet/browser";
 *
 * await openParts("nnunet/");
 * ```
 */
export async function openParts(folder: string, options: OpenPartsOptions = {}): Promise<void> {
  requireKnown(options, { onProgress: true }, "open parts");
  const { document } = globalThis as unknown as { document: { baseURI: string } };
  const address = new URL(folder.replace(/\/?$/, "/"), document.baseURI);
  setPartsAddress(address.href);
  const addressOf = (name: string) => new URL(name, address).href;
  let loadedBytes = 0;
  const count = (bytes: number) => {
    loadedBytes += bytes;
    options.onProgress?.(loadedBytes);
  };
  const wasm: Partial<Record<WasmName, Blob>> = {};
  await Promise.all(wasmNames.map(async (name) => {
    const response = await fetch(addressOf(name))
      .catch((cause) => fail(name, `no answer; ${copyAll}`, cause));
    if (!response.ok) fail(name, `${response.status} ${response.statusText}; ${copyAll}`);
    wasm[name] = await counted(response, count).blob()
      .catch((cause) => fail(name, "the connection broke; load the page again", cause));
  }));
  setPageResources({
    workerScript: addressOf(libraryFileNames.workers),
    threadScript: addressOf(pageFileNames.threads),
    wasm,
  });
}

/** Returns a response that reports the bytes of each piece as it arrives. */
function counted(response: Response, count: (bytes: number) => void): Response {
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      count(piece.length);
      controller.enqueue(piece);
    },
  });
  return new Response(response.body!.pipeThrough(counting), { headers: response.headers });
}

function fail(name: string, answer: string, cause?: unknown): never {
  throw new Error(`Cannot load ${name}: ${answer}`, { cause });
}
