import assert from "node:assert/strict";
import { programAt } from "../../lib/platform/isolated_call.ts";

Deno.test("programAt() runs modules in Deno's cache of npm packages by their package's name", () => {
  assert.deepEqual(
    programAt("file:///home/me/.cache/deno/npm/registry.npmjs.org/@a/nnunet/0.1.0/lib/b/c.js"),
    ["--minimum-dependency-age=0", "npm:@a/nnunet@0.1.0/internal/b/c.js"],
  );
  for (
    const address of ["file:///home/me/npm/nnunet/lib/b/c.ts", "https://jsr.io/a/b/1.0/lib/c.ts"]
  ) {
    assert.deepEqual(programAt(address), [address]);
  }
});
