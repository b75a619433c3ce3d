/** Tests how `train` treats other trainings of the same fold, finished, killed or running. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "@std/path";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { killCli, runCli } from "./run_cli.ts";

const { root } = await makeTinyPlans({ cases: 10 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const model = join(root, "nnUNet_results/Dataset001_Tiny/nnUNetTrainer__nnUNetPlans__3d_fullres");
const train = (fold: string, ...args: string[]) => [
  ...["train", "1", "3d_fullres", fold, "--iterations", "2", "--val_iterations", "1"],
  ...["--device", "cpu", "--root", root, ...args],
];

Deno.test("train excludes a second training of a fold, and takes over from a killed one", async () => {
  const fold = join(model, "fold_0");
  const latest = join(fold, "checkpoint_latest.pth");
  const pid = await killCli(
    train("0", "--epochs", "1000"),
    () => existsSync(latest),
    async (pid) => {
      const { code, err } = await runCli(...train("0", "--c"));
      assert.equal(code, 1);
      assert.match(
        err,
        new RegExp(`^Cannot train ${fold}: process ${pid} on .* has been working on it since`),
      );
      return pid;
    },
  );
  const { currentEpoch } = await readCheckpoint(latest);
  const epochs = `${currentEpoch + 1}`;
  const { code, out, err } = await runCli(...train("0", "--c", "--epochs", epochs));
  assert.equal(code, 0, err);
  assert.match(
    out,
    new RegExp(
      "^Dataset001_Tiny, 3d_fullres, fold 0: 8 training cases, 2 validation cases\n" +
        `patch .*, batch \\d+, ${epochs} epochs, ${currentEpoch} of them finished, on cpu\n` +
        `results in ${fold}\n` +
        "about .* of training left\n" +
        `Note: Process ${pid} on .* ended while it worked on ${fold}\n`,
    ),
  );

  const again = await runCli(...train("0", "--c", "--epochs", epochs));
  assert.equal(again.code, 0, again.err);
  assert.match(
    again.out,
    /\nNote: The training in .* has ended after \d+ epochs\nNote: The predictions of 2 /,
  );
  assert.match(again.out, /\nValidated: mean foreground Dice /);

  const anew = await runCli(...train("0", "--epochs", "1", "--skip_val"));
  assert.equal(anew.code, 0, anew.err);
  assert.match(
    anew.out,
    /\nNote: Kept the finished training in .*fold_0 as .*previous_fold_0_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\n/,
  );
});

Deno.test("train makes a random split beyond the last fold, and says so", async () => {
  const { code, out, err } = await runCli(...train("9", "--epochs", "1", "--skip_val"));
  assert.equal(code, 0, err);
  assert.match(out, /^Dataset001_Tiny, 3d_fullres, fold 9: 8 training cases, 2 validation cases\n/);
  assert.match(out, /\nNote: .*splits_final\.json has 5 folds, 0 to 4; fold 9 is a random split/);
});

Deno.test("train measures with a trainer that does, without weights or whole cases", async () => {
  const trainer = "nnUNetTrainerBenchmark_5epochs_noDataLoading";
  const { code, out, err } = await runCli(...train("0", "--epochs", "1", "--tr", trainer));
  assert.equal(code, 0, err);
  const fold = join(model.replace("nnUNetTrainer__", `${trainer}__`), "fold_0");
  const file = join(fold, "benchmark_result.json");
  assert.ok(out.endsWith(`\nMeasured: ${file}\n`), out);
  assert.ok(existsSync(file));
  assert.ok(!existsSync(join(fold, "checkpoint_latest.pth")));
  const other = await runCli(...train("1", "--tr", trainer));
  assert.equal(other.code, 1);
  assert.match(other.err, /fold is 1, expected 0/);
});

Deno.test("train names the options in its errors", async () => {
  const errors: [string[], RegExp][] = [
    [["x"], /fold/],
    [["-1"], /-1/],
    [["1.5"], /1\.5/],
    [
      ["1", "--val"],
      /it has no checkpoint_final\.pth, .* finish it with train --c, or add --val_best/,
    ],
    [["1", "--c", "--pretrained_weights", "a.pth"], /Cannot use --c with --pretrained_weights/],
  ];
  for (const [args, message] of errors) {
    const { code, err } = await runCli(...train(args[0], ...args.slice(1)));
    assert.notEqual(code, 0);
    assert.match(err, message);
  }
  await Deno.mkdir(join(model, "fold_2"), { recursive: true });
  await Deno.writeTextFile(join(model, "fold_2", "checkpoint_latest.pth"), "PK");
  const { code, err } = await runCli(...train("2", "--c"));
  assert.equal(code, 1);
  assert.match(err, /Cannot resume .*fold_2: .*checkpoint_latest\.pth.*; run train without --c/s);
});

Deno.test("train takes one GPU, and says how to use more", async () => {
  const { code, err } = await runCli(...train("0", "-num_gpus", "2"));
  assert.equal(code, 2);
  assert.match(
    err,
    /^Cannot use --num_gpus 2: a fold is trained on one GPU\. .*CUDA_VISIBLE_DEVICES=1 .* train 1 3d_fullres 1 /,
  );
  const one = await runCli(...train("0", "-num_gpus", "1", "--c", "--val"));
  assert.match(one.err, /^Cannot use --c with --val/);
});

Deno.test("train says why it ends early", async () => {
  const { code, out, err } = await runCli(
    ...train("2", "--epochs", "3", "--time_budget", "0.00001", "--skip_val"),
  );
  assert.equal(code, 0, err);
  assert.match(
    out,
    /\nStopped after 1 of 3 epochs: another epoch would exceed the time budget of .*\nTrained /,
  );
});
