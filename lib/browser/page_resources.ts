/** What every thread of a page needs, to start workers and to run WebAssembly. */

/** Names of the WebAssembly modules of a page. */
export const wasmNames = [
  "onnxruntime.wasm",
  "charls.wasm",
  "libjpeg_turbo.wasm",
  "openjpeg.wasm",
] as const;

/** Name of ONNX Runtime's WebAssembly with WebGPU, which only pages with a graphics processor load. */
export const webgpuWasmName = "onnxruntime_webgpu.wasm";

/** Name of a WebAssembly module. */
export type WasmName = typeof wasmNames[number] | typeof webgpuWasmName;

/** A page's scripts and WebAssembly, as plain data that is sent to workers. */
export interface PageResources {
  /** Address of the script that all workers run. */
  readonly workerScript: string;
  /** Address of the module that ONNX Runtime's threads run. */
  readonly threadScript: string;
  /** WebAssembly by name; sending it to another thread copies nothing. */
  readonly wasm: Readonly<Partial<Record<WasmName, Blob>>>;
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

/** Adds a WebAssembly module for this thread, and the workers that it starts from now on. */
export function addWasm(name: WasmName, content: Blob): void {
  const given = pageResources();
  resources = { ...given, wasm: { ...given.wasm, [name]: content } };
}

/** Reads a WebAssembly module. */
export async function wasmBinary(name: WasmName): Promise<ArrayBuffer> {
  const blob = pageResources().wasm[name];
  if (blob) return await blob.arrayBuffer();
  throw new Error(`Cannot start ${name}: this thread was not given it`);
}
