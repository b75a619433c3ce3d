/** Checks what is packed, and that JSR can read its types. */

import assert from "node:assert/strict";
import { packedFiles, projectFolder } from "../../.ci/packages/jsr_package.ts";
import config from "../../deno.json" with { type: "json" };
import { join } from "@std/path";
import { run } from "./run.ts";

/** Checks the list of files, and asks `deno publish` whether all types can be read without inference. */
export async function checkContents(): Promise<void> {
  const files = await packedFiles();
  let bytes = 0;
  for (const path of files) bytes += (await Deno.stat(join(projectFolder, path))).size;
  assert.deepEqual(files.filter((path) => /(^|\/)(tests|golden|\.\w)|_test\.ts$/.test(path)), []);
  await run(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], { cwd: projectFolder });
  const packages = Object.values(config.imports).filter((target) => target.startsWith("npm:"));
  console.log(
    `contents: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, ${packages.length} packages`,
  );
}
