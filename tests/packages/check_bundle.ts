/** Checks that a bundler can bundle the npm package. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { npmPackage } from "../../.ci/packages/npm_package.ts";
import { projectFolder } from "../module_imports.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { run } from "./run.ts";

/** Bundles a program that builds and encodes a network, for Deno, and runs the bundle. */
export async function checkBundle(): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const packed = join(folder, "node_modules", "@any", "nnunet");
    await Deno.mkdir(packed, { recursive: true });
    await npmPackage({ scope: "any", version: "0.0.1", folder: packed });
    for await (const { name } of Deno.readDir(join(projectFolder, "node_modules"))) {
      if (name.startsWith(".") || name === "@any") continue;
      await Deno.symlink(
        join(projectFolder, "node_modules", name),
        join(folder, "node_modules", name),
      );
    }
    await Deno.writeTextFile(
      join(folder, "program.js"),
      `import { deepSupervisionWeights } from "@any/nnunet/parts";
       import { Planner } from "@any/nnunet";
       console.log(typeof Planner, deepSupervisionWeights(3).length);`,
    );
    const options = ["--bundle", "--format=esm", "--platform=node", "--packages=bundle"];
    const native = ["--external:onnxruntime-node", "--external:@resvg/resvg-js"];
    const output = ["--outfile=bundle.mjs", "--log-level=error"];
    await run(
      Deno.execPath(),
      [
        "run",
        "-A",
        "--no-config",
        "npm:esbuild@0.28.2",
        "program.js",
        ...options,
        ...native,
        ...output,
      ],
      { cwd: folder },
    );
    const printed = await run(Deno.execPath(), ["run", "-A", "bundle.mjs"], { cwd: folder });
    assert.equal(printed.trim(), "function 3");
    const { size } = await Deno.stat(join(folder, "bundle.mjs"));
    console.log(`bundle: ${(size / 1e6).toFixed(1)} MB, runs`);
  });
}
