import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { runCli } from "./run_cli.ts";
import { runMain } from "./run_main.ts";

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

Deno.test("evaluate_simple says that a failed case leaves no scores, but an older summary", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [truth, predictions] = [join(folder, "truth"), join(folder, "predictions")];
    for (const path of [truth, predictions]) {
      await Deno.mkdir(path);
      for (const name of ["a", "b"]) {
        const data = Uint8Array.of(0, 1, 1, 1);
        await writeSegmentation(join(path, `${name}.nii.gz`), { geometry, data });
      }
    }
    const run = () => runMain("evaluate_simple", truth, predictions, "-l", "1");
    const flat = { ...geometry, shape: [1, 1, 4] as const };
    const good = await Deno.readFile(join(predictions, "b.nii.gz"));
    await writeSegmentation(join(predictions, "b.nii.gz"), {
      ...{ geometry: flat, data: Uint8Array.of(0, 1, 1, 1) },
    });
    const first = await run();
    assert.match(
      first.err,
      /^Cannot evaluate case "b.*": .*expected \[1,2,2\]; no scores were written$/,
    );
    assert.doesNotMatch(first.out, /earlier/);
    await Deno.writeFile(join(predictions, "b.nii.gz"), good);
    assert.equal((await run()).code, 0);
    await Deno.remove(join(predictions, "b.nii.gz"));
    const second = await run();
    assert.equal(second.code, 1);
    assert.match(second.out, /^Warning: .*summary\.json is from an earlier evaluation\n$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("evaluate_simple warns of a prediction with another spacing, and scores it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [truth, predictions] = [join(folder, "truth"), join(folder, "predictions")];
    const data = Uint8Array.of(0, 1, 1, 1);
    const coarse = {
      ...geometry,
      spacing: [2, 2, 2] as const,
      affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
    };
    await writeSegmentation(join(truth, "a.nii.gz"), { geometry, data });
    await writeSegmentation(join(predictions, "a.nii.gz"), { geometry: coarse, data });
    const { code, out, err } = await runMain("evaluate_simple", truth, predictions, "-l", "1");
    assert.equal(code, 0, err);
    assert.match(out, /^Warning: case "a": .*: spacing is 2 × 2 × 2 mm, expected 2 × 1 × 1 mm as /);
    assert.match(out, /^a +1\.0000/m);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
