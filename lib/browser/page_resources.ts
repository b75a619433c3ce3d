/** What every thread of a page needs, to start workers and to run WebAssembly. */

/** Names of the WebAssembly modules of a page. */
export const wasmNames = [
  "onnxruntime.wasm",
  "charls.wasm",
  "libjpeg_turbo.wasm",
  "openjpeg.wasm",
] as const;

/** Name of a WebAssembly module. */
export type WasmName = typeof wasmNames[number];

/** A page's scripts and WebAssembly, as plain data that is sent to workers. */
export interface PageResources {
  /** Address of the script that all workers run. */
  readonly workerScript: string;
  /** Address of the module that ONNX Runtime's threads run. */
  readonly threadScript: string;
  /** WebAssembly by name; sending it to another thread copies nothing. */
  readonly wasm: Readonly<Record<WasmName, Blob>>;
}

let resources: PageResources | undefined;

/** Sets this thread's resources, before anything else runs. */
export function setPageResources(given: PageResources): void {
  resources = given;
}

/** Returns this thread's resources. @throws {Error} If they were not set. */
export function pageResources(): PageResources {
  if (resources) return resources;
  throw new Error("Cannot start a worker or WebAssembly: this thread has no page's resources");
}

/** Reads a WebAssembly module. */
export async function wasmBinary(name: WasmName): Promise<ArrayBuffer> {
  return await pageResources().wasm[name].arrayBuffer();
}
