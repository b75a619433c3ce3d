/** The README's example of the library, which needs scans, runs as it is printed. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeImage } from "../lib/image/image_files.ts";
import { tinyScan, writeTinyScans } from "./tiny_scans.ts";

const root = join(import.meta.dirname!, "..");

/** What takes minutes in the example, and what the test runs instead. */
const shortenings = {
  "new Planner()": "new Planner({ gpuMemoryTarget: 0.05, baseFeatures: 4 })",
  "epochs: 50": "epochs: 2, iterations: 1, validationIterations: 1",
};

/** Returns the text of the README's only TypeScript example. */
async function exampleOf(readme: string): Promise<string> {
  const examples = [...(await Deno.readTextFile(readme)).matchAll(/^```ts.*\n([^]*?)^```$/gm)];
  assert.equal(examples.length, 1, "expected one example");
  return examples[0][1];
}

Deno.test("README's example of the library runs on tiny scans with a tiny network", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeTinyScans(join(folder, "scans"));
    await writeImage(join(folder, "scan_0000.nii.gz"), tinyScan(7).image);
    const replaced = Object.entries(shortenings).reduce((text, [long, short]) => {
      assert.ok(text.includes(long), `expected ${long}`);
      return text.replace(long, short);
    }, await exampleOf(join(root, "README.md")));
    const program = join(folder, "example.ts");
    await Deno.writeTextFile(program, replaced);

    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", "--config", join(root, "deno.json"), program],
      cwd: folder,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assert.deepEqual(lines.map((line) => line.split(" ")[0]), ["0", "1"]);
    assert.ok((await Deno.stat(join(folder, "scan.nii.gz"))).size > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
