import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { runCli } from "./run_cli.ts";

const geometry = {
  shape: [1, 2, 2] as const,
  spacing: [2, 1, 1] as const,
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
};

Deno.test("evaluate_simple writes both summaries and prints their paths", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [truth, predictions] = [join(folder, "truth"), join(folder, "predictions")];
    for (const [path, labels] of [[truth, [1, 2, 0, 9]], [predictions, [1, 0, 0, 2]]] as const) {
      await Deno.mkdir(path);
      const data = Uint8Array.from(labels);
      await writeSegmentation(join(path, "a.nii.gz"), { geometry, data });
    }
    const run = (...options: string[]) =>
      runCli("evaluate_simple", truth, predictions, "-l", "1", "2", "-il", "9", ...options);

    const { code, out, err } = await run("--details", "--tolerance", "1.5", "-np", "1");
    assert.equal(code, 0, err);
    assert.match(out, /^case +1 +2 +mean\na +1\.0000 +0\.0000/);
    const read = (name: string) => Deno.readTextFile(join(predictions, name)).then(JSON.parse);
    assert.equal((await read("summary.json")).foreground_mean.Dice, 0.5);
    const details = await read("summary_details.json").catch(() => undefined);
    assert.equal(details, undefined); // Python's JSON: it holds Infinity.
    const text = await Deno.readTextFile(join(predictions, "summary_details.json"));
    assert.match(text, /"tolerance_mm": \{\n +"1": 1\.5,\n +"2": 1\.5\n/);
    assert.match(text, /"volume_difference_mm3": -2\.0/);

    assert.match((await run("--tolerance", "2")).err, /Cannot use --tolerance without --details/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
