/** The script of an exported page: shows what the model is and segments scans with it. */

/// <reference lib="dom" />

import { startPage } from "./model_page/model_page.ts";
import type { PageElement } from "./model_page/page_element.ts";
import { openSegmenter, type PageSegmenterOptions } from "./page_segmenter.ts";
import { readManifest, readPageFile } from "./page_content.ts";
import { elementIds, pageFileNames } from "./page_manifest.ts";
import {
  addWasm,
  setPageResources,
  type WasmName,
  wasmNames,
  webgpuWasmName,
} from "./page_resources.ts";
import type { Segmenter } from "./segmenter.ts";

const manifest = readManifest();
const { isFolder } = manifest;
/** How the page is opened from its console. */
type PageOpenOptions = Omit<PageSegmenterOptions, "loadWebgpu">;

let opening: Promise<Segmenter> | undefined;

/** Opens the networks once, when the page first needs them. */
function open(options: PageOpenOptions = {}): Promise<Segmenter> {
  return opening ??= resources.then(() =>
    openSegmenter(manifest, (name) => readPageFile(name, isFolder), { ...options, loadWebgpu })
  );
}

/** Makes ONNX Runtime with WebGPU available to workers that are started from now on. */
async function loadWebgpu(): Promise<void> {
  addWasm(webgpuWasmName, new Blob([await readPageFile(webgpuWasmName, isFolder)]));
}

/** Makes the scripts' addresses and the WebAssembly available to this thread and its workers. */
async function prepareResources(): Promise<void> {
  const wasm: Partial<Record<WasmName, Blob>> = {};
  for (const name of wasmNames) wasm[name] = new Blob([await readPageFile(name, isFolder)]);
  setPageResources({
    workerScript: await scriptAddress(pageFileNames.workers),
    threadScript: await scriptAddress(pageFileNames.threads),
    wasm,
  });
}

async function scriptAddress(name: string): Promise<string> {
  if (isFolder) return new URL(name, document.baseURI).href;
  const script = await readPageFile(name, isFolder);
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

const resources = prepareResources();
resources.catch(() => {}); // Reported when the networks are opened.
// For the browser's console, and for pages that show this one in a frame.
Object.assign(globalThis, { nnunet: { facts: manifest.facts, open } });
const root = document.getElementById(elementIds.root) as unknown as PageElement;
startPage(root, () => open(), manifest.facts, { loadNiivue });

/** Loads the 3D viewer, when the reader asks for it. */
async function loadNiivue(): Promise<unknown> {
  return await import(await scriptAddress(pageFileNames.niivue));
}
