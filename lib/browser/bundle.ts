/**
 * Makes the parts that all pages have in common: scripts from this library's modules, by
 * `deno bundle`, and WebAssembly. They are kept in the user's cache under a hash of the sources, so
 * that only the first page after a change waits for them.
 */

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
import { type WasmName, wasmNames } from "./page_resources.ts";

/** Modules of `lib/platform/` that those of the same names in `lib/browser/platform/` replace. */
export const platformModules: readonly string[] = [
  ...["atomic_write", "files", "next_turn", "onnx_runtime", "open_file", "paths", "png_codec"],
  ...["processors", "scratch_file", "short_hash", "system_memory", "workers", "zlib"],
];

/** The same for `lib/packages/` and `lib/browser/packages/`. */
export const packageModules: readonly string[] = ["charls", "libjpeg_turbo", "openjpeg"];

/** A file that is part of every page. */
export type PartName = (typeof pageFileNames)[keyof typeof pageFileNames] | WasmName;

/** Names of the files that are part of every page. */
export const partNames: readonly PartName[] = [...Object.values(pageFileNames), ...wasmNames];

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
  const modules = await bundledSource(source, folder);
  const config = join(folder, "deno.json");
  await writeTextFile(config, JSON.stringify(configOf(modules)));
  const bundled = async (module: string) => {
    const output = join(folder, `${module}.bundle.js`);
    await bundle(`${modules.root}lib/browser/${module}${modules.ending}`, output, config);
    return await readFile(output);
  };
  const parts = new Map<PartName, Uint8Array<ArrayBuffer>>();
  parts.set(pageFileNames.page, await bundled("page"));
  parts.set(pageFileNames.workers, await bundled("worker"));
  parts.set(pageFileNames.threads, await readFile(packageFile(onnxruntimeWebFiles.threads)));
  parts.set("onnxruntime.wasm", await readFile(packageFile(onnxruntimeWebFiles.wasm)));
  for (const [name, file] of Object.entries(decoderWasm)) {
    parts.set(name as WasmName, await readFile(packageFile(file)));
  }
  return parts;
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
export function configOf({ root, ending, packages }: BundledSource): object {
  const replaced = [
    ...platformModules.map((name) => ["platform", name] as const),
    ...packageModules.map((name) => ["packages", name] as const),
  ];
  const own = ([folder, name]: readonly [string, string]) =>
    `${root}lib/${folder}/${name}${ending}`;
  return {
    imports: {
      ...packages,
      ...Object.fromEntries(
        replaced.map(([folder, name]) => [
          own([folder, name]),
          `${root}lib/browser/${folder}/${name}${ending}`,
        ]),
      ),
    },
    // What replaces a package's module imports it.
    scopes: {
      [`${root}lib/browser/packages/`]: Object.fromEntries(
        packageModules.map((name) => [own(["packages", name]), own(["packages", name])]),
      ),
    },
  };
}
