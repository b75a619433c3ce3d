/** Loads what `nnunet/browser` needs from files on the page's server. */

import { libraryFileNames, setPartsAddress } from "./parts_address.ts";
import { pageFileNames } from "./page_manifest.ts";
import { setPageResources, type WasmName, wasmNames } from "./page_resources.ts";

/**
 * Loads the WebAssembly, and sets the address of the script for workers. Call it before anything else.
 *
 * @param folder Address of the folder with the parts, relative to the page.
 * @throws {Error} If a file cannot be loaded.
 *
 * @example
 * ```ts ignore
 * import { openParts } from "nnunet/browser";
 *
 * await openParts("nnunet/");
 * ```
 */
export async function openParts(folder: string): Promise<void> {
  const { document } = globalThis as unknown as { document: { baseURI: string } };
  const address = new URL(folder.replace(/\/?$/, "/"), document.baseURI);
  setPartsAddress(address.href);
  const addressOf = (name: string) => new URL(name, address).href;
  const wasm: Partial<Record<WasmName, Blob>> = {};
  await Promise.all(wasmNames.map(async (name) => {
    const response = await fetch(addressOf(name)).catch((cause) => fail(name, "no answer", cause));
    if (!response.ok) fail(name, `${response.status} ${response.statusText}`);
    wasm[name] = await response.blob();
  }));
  setPageResources({
    workerScript: addressOf(libraryFileNames.workers),
    threadScript: addressOf(pageFileNames.threads),
    wasm,
  });
}

function fail(name: string, answer: string, cause?: unknown): never {
  throw new Error(
    `Cannot load ${name}: ${answer}; copy the whole folder of the page to the server, and open the ` +
      "page from there",
    { cause },
  );
}
