import assert from "node:assert/strict";
import { join } from "@std/path";
import { shellWords } from "../../lib/options/shell_quoted.ts";
import { crossvalRuns, writeCrossvalTree } from "../ensembling/crossval_tree.ts";
import { runCli } from "./run_cli.ts";

Deno.test("find_best_configuration and accumulate_crossval_results report the best model", async () => {
  const parent = await Deno.makeTempDir();
  const root = join(parent, "it's mine");
  await Deno.mkdir(root);
  try {
    const [run] = crossvalRuns;
    await writeCrossvalTree(root, run);
    for (const name of ["preprocessed", "results"]) {
      await Deno.rename(join(root, name), join(root, `nnUNet_${name}`));
    }
    const common = ["-np", "1", "--root", root];
    const found = await runCli(
      ...["find_best_configuration", "7", "-c", "2d", "3d_lowres", ...common],
    );
    assert.equal(found.code, 0, found.err);
    const { all_results } = JSON.parse(run.information);
    for (const [name, score] of Object.entries<number>(all_results)) {
      if (name.includes("3d_fullres")) continue;
      assert.ok(found.out.includes(`${score.toFixed(5)}  ${name}\n`), name);
    }
    assert.match(found.out, /nnunet predict -d 7 .* -c 3d_lowres -p nnUNetPlans --save_prob/);
    // Every command can be copied to a shell.
    const commands = found.out.split("\n").filter((line) => line.startsWith("nnunet "));
    assert.equal(commands.length, 4);
    for (const [index, command] of commands.entries()) {
      const words = shellWords(command);
      if (index < 2) assert.equal(words[words.indexOf("--root") + 1], root, command);
      for (const [place, word] of words.entries()) {
        if (/^-(plans|dataset)_json$|^-pp_pkl_file$/.test(word)) await Deno.stat(words[place + 1]);
      }
    }
    const instructions = join(root, "nnUNet_results/Dataset007_Golden/inference_instructions.txt");
    assert.ok(found.out.includes(await Deno.readTextFile(instructions)));

    const accumulate = (...args: string[]) =>
      runCli("accumulate_crossval_results", "Dataset007_Golden", "-c", "2d", ...common, ...args);
    const output = join(root, "collected");
    const accumulated = await accumulate("-o", output);
    assert.equal(accumulated.code, 0, accumulated.err);
    assert.match(accumulated.out, /^case +left +right +mean\nc0 /);
    assert.match(
      (await accumulate("-o", output)).err,
      /collected: it contains .*; pass an empty or new folder/,
    );
    assert.match(
      (await runCli("find_best_configuration", "8", ...common)).err,
      /Cannot find data set 8: found data set 7 in .*nnUNet_results, and it is in neither /,
    );
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});
