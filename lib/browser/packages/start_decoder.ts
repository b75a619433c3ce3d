/** Starts picture decoders of which only the script is in a page's bundle. */

import { wasmBinary, type WasmName } from "../page_resources.ts";

/** A decoder's script, as Emscripten makes it. */
export type Decoder = (options: object) => Promise<unknown>;

/** Starts a decoder with its WebAssembly. */
export async function startWith(start: Decoder, name: WasmName, options: object): Promise<unknown> {
  return await start({ ...options, wasmBinary: await wasmBinary(name) });
}
