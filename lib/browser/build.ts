/** `deno task browser:build`: makes the parts of pages and prints their sizes. */

import { formatBytes } from "../options/format_bytes.ts";
import { fileInfo } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { packedEnding, pageParts, partNames } from "./bundle.ts";
import { libraryParts } from "./library_parts.ts";

const folder = await pageParts();
for (const name of partNames) {
  const { size } = await fileInfo(join(folder, name));
  const { size: packed } = await fileInfo(join(folder, name + packedEnding));
  console.log(`${name.padEnd(24)} ${formatBytes(size)}, ${formatBytes(packed)} in a page`);
}
console.log(`Pages are made with the files in ${folder}`);
console.log(`Pages that train need the files of nnunet/browser, in ${await libraryParts()}`);
