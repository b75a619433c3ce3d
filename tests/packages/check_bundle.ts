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
    const dependencies = {
      "@any/nnunet": "0.0.1",
      "onnxruntime-node": "*",
      "@resvg/resvg-js": "*",
    };
    await Deno.writeTextFile(
      join(folder, "package.json"),
      JSON.stringify({ type: "module", dependencies }),
    );
    await Deno.writeTextFile(
      join(folder, "program.js"),
      `import { cosine } from "@any/nnunet/parts";
       import { Planner } from "@any/nnunet";
       console.log(typeof Planner, cosine(0.1)(0, 10));`,
    );
    const options = ["--bundle", "--format=esm", "--platform=node", "--packages=bundle"];
    const native = ["--external:onnxruntime-node", "--external:@resvg/resvg-js"];
    // Packages of CommonJS call require(), which modules do not have.
    const banner =
      `import{createRequire}from"node:module";const require=createRequire(import.meta.url);`;
    const output = ["--outfile=bundle.mjs", `--banner:js=${banner}`, "--log-level=error"];
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
    assert.equal(printed.trim(), "function 0.1");
    const { size } = await Deno.stat(join(folder, "bundle.mjs"));
    console.log(`bundle: ${(size / 1e6).toFixed(1)} MB, runs`);
  });
}
