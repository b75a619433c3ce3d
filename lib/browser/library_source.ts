/** Says where this library's modules are and what they contain, so that they can be bundled. */

import { fileURLToPath, pathToFileURL } from "node:url";
import { packageName, version } from "../launch/version.ts";
import { createFolder, isFolder, listFolder, readFile, writeFile } from "../platform/files.ts";
import { dirname, join } from "../platform/paths.ts";
import { readJson } from "../platform/read_text.ts";
import { sha256 } from "../platform/sha256.ts";

/** The library's modules. */
export interface LibrarySource {
  /** Address of the folder of `lib/`, with a slash at its end. */
  readonly root: string;
  /** Ending of the modules' names. */
  readonly ending: ".ts" | ".js";
}

/** Path of the folder of `lib/` from this module's. */
const toRoot = "../../";

/** Returns where this module's library is. */
export function ownSource(): LibrarySource {
  const address = import.meta.url;
  return {
    root: new URL(toRoot, address).href,
    // Deno runs no TypeScript in npm packages, so theirs is compiled.
    ending: address.endsWith(".ts") ? ".ts" : ".js",
  };
}

/** The folder of a library on this machine; undefined if it was loaded from a server. */
function folderOf({ root }: LibrarySource): string | undefined {
  return root.startsWith("file:") ? fileURLToPath(root) : undefined;
}

/** Returns a hash of all sources; of version and address if they are on a server. */
export async function hashOf(source: LibrarySource): Promise<string> {
  const folder = folderOf(source);
  const encoder = new TextEncoder();
  const parts = [encoder.encode(`${packageName} ${version} ${source.root}`)];
  if (folder !== undefined) {
    const manifest = source.ending === ".ts" ? "deno.json" : "package.json";
    for (const path of [manifest, ...await modulesBelow(folder, "lib", source.ending)]) {
      parts.push(encoder.encode(`\n${path}\n`), await readFile(join(folder, path)));
    }
  }
  return (await sha256(...parts)).toHex().slice(0, 24);
}

/** Paths of the modules and scripts in a folder, relative to the library's, sorted. */
async function modulesBelow(root: string, folder: string, ending: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of listFolder(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await modulesBelow(root, path, ending));
    else if (name.endsWith(ending) || name.endsWith(".js")) paths.push(path);
  }
  return paths.sort();
}

/** Modules that a bundler can be given, and what it has to know to find packages. */
export interface BundledSource extends LibrarySource {
  /** Addresses of packages by the names that the modules import them with. */
  readonly packages: Readonly<Record<string, string>>;
}

/**
 * Returns modules that an import map applies to. It does not inside npm packages, so the modules of
 * one are copied.
 *
 * @param folder An empty folder for copies.
 */
export async function bundledSource(
  source: LibrarySource,
  folder: string,
): Promise<BundledSource> {
  if (source.ending === ".ts") return { ...source, packages: {} };
  const from = folderOf(source)!;
  const paths = [
    ...await modulesBelow(from, "lib", source.ending),
    ...await modulesBelow(from, "data", source.ending), // Phantoms.
  ];
  for (const path of paths) {
    const to = join(folder, path);
    if (!await isFolder(dirname(to))) await createFolder(dirname(to), { recursive: true });
    await writeFile(to, await readFile(join(from, path)));
  }
  await writeFile(join(folder, "package.json"), await readFile(join(from, "package.json")));
  const { dependencies } = await readJson(join(from, "package.json")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const packages = Object.entries(dependencies).flatMap(([name, version]) => [
    [name, `npm:${name}@${version}`],
    [`${name}/`, `npm:/${name}@${version}/`],
  ]);
  return {
    root: `${pathToFileURL(folder).href}/`,
    ending: source.ending,
    packages: Object.fromEntries(packages),
  };
}
