/**
 * The parts of model pages in a page that exports some: from its server. Stands in for `bundle.ts`,
 * which makes them.
 */

import { gzip } from "../image/gzip.ts";
import { createFolder, exists, writeFile, writeTextFile } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { TEMPORARY_FOLDER } from "./files/file_tree.ts";
import { pageFileNames } from "./page_manifest.ts";
import { wasmNames, webgpuWasmName } from "./page_resources.ts";
import { partsAddress } from "./parts_address.ts";

/** Names of the files that are part of every page. */
export const partNames: readonly string[] = [
  ...Object.values(pageFileNames),
  ...wasmNames,
  webgpuWasmName,
];

/** What the name of a part ends in that is packed with gzip and written in base64. */
export const packedEnding = ".gz.base64";

/**
 * Returns the folder with the parts of pages, each as it is and packed; loads them if need be.
 *
 * @throws {Error} If a part cannot be loaded.
 */
export async function pageParts(): Promise<string> {
  const folder = join(TEMPORARY_FOLDER, "page_parts");
  const last = partNames.at(-1) + packedEnding;
  if (await exists(join(folder, last))) return folder;
  await createFolder(folder, { recursive: true });
  for (const name of partNames) {
    const response = await fetch(new URL(name, partsAddress()));
    if (!response.ok) {
      throw new Error(`Cannot load ${name}: ${response.status} ${response.statusText}`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    await writeFile(join(folder, name), bytes);
    await writeTextFile(join(folder, name + packedEnding), (await gzip(bytes, 9)).toBase64());
  }
  return folder;
}
