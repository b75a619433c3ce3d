/**
 * Makes the parts that all pages have in common: scripts from this library's modules, by
 * `deno bundle`, and WebAssembly. They are kept in the user's cache under a hash of the sources, so
 * that only the first page after a change waits for them.
 */

import { niivueScript } from "../display/niivue_script.ts";
import { decoderWasm } from "../packages/decoder_wasm.ts";
import { reasonOf } from "../options/reason_of.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import {
  createTemporaryFolder,
  exists,
  fileInfo,
  listFolder,
  readFile,
  remove,
  writeFile,
  writeTextFile,
} from "../platform/files.ts";
import { denoPath } from "../platform/machine.ts";
import { packageFile } from "../platform/package_file.ts";
import { join } from "../platform/paths.ts";
import { runProgram } from "../platform/run_program.ts";
import { cacheFolder } from "./cache_folder.ts";
import { gzip } from "../image/gzip.ts";
import {
  type BundledSource,
  bundledSource,
  hashOf,
  type LibrarySource,
  ownSource,
} from "./library_source.ts";
import { pageFileNames } from "./page_manifest.ts";
import { type WasmName, wasmNames, webgpuWasmName } from "./page_resources.ts";

/** Modules of `lib/platform/` that those of the same names in `lib/browser/platform/` replace. */
export const platformModules: readonly string[] = [
  ...["cuda_libraries", "file_lock", "files", "flush", "gpu_memory", "isolated_call", "leftovers"],
  ...["machine", "next_turn", "onnx_runtime", "open_file", "paths", "png_codec", "process_owner"],
  ...["processors", "replacement", "scratch_file", "sha256", "shared_lock", "short_hash"],
  ...["system_memory", "workers", "write_error", "zlib"],
];

/** Other modules of `lib/` and what replaces them, without endings. */
export const otherModules: Readonly<Record<string, string>> = {
  "browser/bundle": "browser/fetched_parts", // A page does not bundle what it exports.
  "display/curves": "browser/display/curves",
};

/** The same for `lib/packages/` and `lib/browser/packages/`. */
export const packageModules: readonly string[] = ["charls", "libjpeg_turbo", "openjpeg"];

/** A file that is part of every page. */
export type PartName = (typeof pageFileNames)[keyof typeof pageFileNames] | WasmName;

/** Names of the files that are part of every page. */
export const partNames: readonly PartName[] = [
  ...Object.values(pageFileNames),
  ...wasmNames,
  webgpuWasmName,
];

/** What the name of a part ends in that is packed with gzip and written in base64. */
export const packedEnding = ".gz.base64";

/**
 * Returns the folder with the parts of pages, each as it is and packed; makes them if need be.
 *
 * @param options.folder Folder in which they are kept; the user's cache by default.
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function pageParts(
  { source = ownSource(), folder = cacheFolder() }: {
    readonly source?: LibrarySource;
    readonly folder?: string;
  } = {},
): Promise<string> {
  const parts = join(folder, "pages", await hashOf(source));
  if (await exists(parts)) return parts;
  const temporary = await createTemporaryFolder();
  try {
    const made = await makeParts(source, temporary);
    await writeFolderAtomically(parts, async (partial) => {
      for (const [name, bytes] of made) {
        await writeFile(join(partial, name), bytes);
        await writeTextFile(join(partial, name + packedEnding), (await gzip(bytes, 9)).toBase64());
      }
    }, { overwrite: true }); // Another process may have been faster.
  } finally {
    await remove(temporary, { recursive: true });
  }
  await removeOld(join(folder, "pages"));
  return parts;
}

/** Number of versions of the parts that are kept. */
const VERSIONS = 4;

/** Removes all but the newest versions of the parts. */
async function removeOld(folder: string): Promise<void> {
  const versions: { readonly path: string; readonly made: number }[] = [];
  for await (const { name } of listFolder(folder)) {
    const path = join(folder, name);
    versions.push({ path, made: (await fileInfo(path)).mtime?.getTime() ?? 0 });
  }
  versions.sort((a, b) => b.made - a.made);
  for (const { path } of versions.slice(VERSIONS)) await remove(path, { recursive: true });
}

/** Makes the parts. @param folder An empty folder to work in. */
async function makeParts(
  source: LibrarySource,
  folder: string,
): Promise<ReadonlyMap<PartName, Uint8Array<ArrayBuffer>>> {
  const { onnxruntimeWebFiles } = await import("../packages/onnxruntime_web_files.ts");
  const parts = new Map(
    await bundleIn(folder, source, {
      [pageFileNames.page]: "lib/browser/page",
      [pageFileNames.workers]: "lib/browser/worker",
    }) as Map<PartName, Uint8Array<ArrayBuffer>>,
  );
  parts.set(pageFileNames.threads, await readFile(packageFile(onnxruntimeWebFiles.threads)));
  parts.set(pageFileNames.niivue, new TextEncoder().encode(await niivueScript()));
  parts.set("onnxruntime.wasm", await readFile(packageFile(onnxruntimeWebFiles.wasm)));
  parts.set(webgpuWasmName, await readFile(packageFile(onnxruntimeWebFiles.webgpu)));
  for (const [name, file] of Object.entries(decoderWasm)) {
    parts.set(name as WasmName, await readFile(packageFile(file)));
  }
  return parts;
}

/**
 * Bundles modules with this library for pages.
 *
 * @param entries The modules' paths without endings, relative to the library, by the names of their
 * scripts.
 * @param imports Further entries of the import map: addresses by specifiers or by other addresses.
 * @returns The scripts by name.
 * @throws {Error} If `deno bundle` fails; the message says what to do.
 */
export async function bundleModules<Name extends string>(
  entries: Readonly<Record<Name, string>>,
  imports: Readonly<Record<string, string>> = {},
): Promise<Map<Name, Uint8Array<ArrayBuffer>>> {
  const folder = await createTemporaryFolder();
  try {
    return await bundleIn(folder, ownSource(), entries, imports);
  } finally {
    await remove(folder, { recursive: true });
  }
}

/** Bundles modules as {@link bundleModules} does. @param folder An empty folder to work in. */
async function bundleIn<Name extends string>(
  folder: string,
  source: LibrarySource,
  entries: Readonly<Record<Name, string>>,
  imports: Readonly<Record<string, string>> = {},
): Promise<Map<Name, Uint8Array<ArrayBuffer>>> {
  const modules = await bundledSource(source, folder);
  const config = join(folder, "deno.json");
  const own = configOf(modules);
  await writeTextFile(config, JSON.stringify({ ...own, imports: { ...own.imports, ...imports } }));
  const scripts = new Map<Name, Uint8Array<ArrayBuffer>>();
  for (const name in entries) {
    const output = join(folder, `${name}.bundle.js`);
    await bundle(modules.root + entries[name] + modules.ending, output, config);
    scripts.set(name, await readFile(output));
  }
  return scripts;
}

/** Runs `deno bundle`. @throws {Error} If it fails. */
async function bundle(entry: string, output: string, config: string): Promise<void> {
  const args = [
    ...["bundle", "--quiet", "--platform", "browser", "--format", "iife", "--minify"],
    ...["--config", config, "--no-lock", "--output", output, entry],
  ];
  let failure: string;
  try {
    const { code, errors } = await runProgram(denoPath(), args);
    if (code === 0) return;
    failure = errors;
  } catch (error) {
    failure = reasonOf(error);
  }
  throw new Error(
    `Cannot make a page: its script cannot be bundled; \`deno bundle\` needs Deno 2.9 and, the first ` +
      "time, the network, from which it loads esbuild and the packages of the page; run " +
      `\`deno task browser:build\` on a machine that has both. It reports: ${failure.trim()}`,
  );
}

/** The configuration of `deno bundle`, whose import map puts the page's platform in place. */
export function configOf(
  { root, ending, packages }: BundledSource,
): { readonly imports: Readonly<Record<string, string>>; readonly scopes: object } {
  const replaced = [
    ...platformModules.map((name) => [`platform/${name}`, `browser/platform/${name}`] as const),
    ...packageModules.map((name) => [`packages/${name}`, `browser/packages/${name}`] as const),
    ...Object.entries(otherModules),
  ];
  const addressOf = (path: string) => `${root}lib/${path}${ending}`;
  return {
    imports: {
      ...packages,
      ...Object.fromEntries(replaced.map(([path, other]) => [addressOf(path), addressOf(other)])),
    },
    // What replaces a package's module imports it.
    scopes: {
      [`${root}lib/browser/packages/`]: Object.fromEntries(
        packageModules.map((name) => `packages/${name}`)
          .map((path) => [addressOf(path), addressOf(path)]),
      ),
    },
  };
}
