/** Tests `launch` as users type it. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "@std/path";
import { shellWords } from "../../lib/options/shell_quoted.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { interruptCli } from "./run_cli.ts";
import { runMain } from "./run_main.ts";

const { root } = await makeTinyPlans({ cases: 5 });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
const folder = join(root, "nnUNet_results/Dataset001_Tiny/launch");
const short = [
  ...["--epochs", "1", "--iterations", "1", "--val_iterations", "1", "--device", "cpu"],
  ...["--threads", "1", "--loaders", "1"],
];
await Deno.mkdir(join(root, "no scans"));
const launch = (...args: string[]) => runMain("launch", "1", "--root", root, ...args);

Deno.test("launch refuses what cannot work, in the words of its options, and writes nothing", async () => {
  const refused: readonly (readonly [string[], RegExp])[] = [
    [
      ["--engine", "lsf"],
      /'lsf' is invalid. Allowed choices are slurm, kubernetes, local, template/,
    ],
    [["--time", "1:00"], /time limit of 60 s: expected at least 120 s/],
    [["--memory", "1M"], /memory of 1.05 MB: the data set's largest case needs/],
    [["-c", "3d_lowres"], /Cannot launch 3d_lowres: nnUNetPlans has/],
    [["-i", "scans"], /-i and -o belong together/],
    [
      ["-i", join(root, "nope"), "-o", "labels", "--engine", "slurm", "--dry_run"],
      /Cannot predict .*nope: it does not exist, expected a folder of scans/,
    ],
    [
      ["-i", join(root, "no scans"), "-o", "labels"],
      /Cannot predict .*no scans: it is empty; expected scans that end in _0000\.nii\.gz/,
    ],
    [
      ["-i", join(root, "input"), "-o", join(root, "input", "c0.nii.gz"), "--dry_run"],
      /Cannot write label maps to .*c0\.nii\.gz: it is a file, expected a folder/,
    ],
    [["--tr", "nnUNetTrainerX", "--dry_run"], /trainer "nnUNetTrainerX": expected one of nnUNet/],
    [["--engine", "kubernetes"], /pass --image, --claim and --mount/],
    [
      [
        ...["--engine", "kubernetes", "--image", "a", "--claim", "b", "--mount", "/mnt"],
        ...["-i", join(root, "input"), "-o", "/mnt/labels", "--dry_run"],
      ],
      /nnUNet_results, .*input is not in \/mnt, where .*; pass a --mount that holds all folders/,
    ],
    [["--template", "pbs.txt"], /--template needs --engine template/],
    [["--status", "--cancel"], /pass only one of them/],
    [["--", "--epoch", "5"], /with "--epoch 5" after --: train has no such option/],
    [
      ["--", "--pretrained_weights", "w.pth"],
      /with --pretrained_weights after --: jobs resume their training with --c, which excludes it/,
    ],
    [["--", "--c"], /with -c after --: a launch decides that itself/],
    [
      ["--status"],
      /it has no launch\.json; launch it with --engine, or name the folder of the launch with --out/,
    ],
  ];
  for (const [args, pattern] of refused) {
    const { code, err } = await launch(...args);
    assert.notEqual(code, 0, args.join(" "));
    assert.match(err, pattern, args.join(" "));
  }
  assert.equal(existsSync(folder), false);
});

Deno.test("launch runs all jobs here, reports their status, and has nothing to do a second time", async () => {
  const args = ["-c", "3d_fullres", "-f", "0", "1", "--", ...short];
  const { code, out, err } = await launch(...args);
  assert.equal(code, 0, err);
  assert.match(out, /^preprocesses all cases: 1 job\ntrains 3d_fullres: 2 jobs, after prepare\n/);
  assert.match(out, /\nbest is done\n$/);
  const { out: status } = await launch("--status");
  assert.match(status, /\ntrain_3d_fullres_1 +done +\S+ +1 of 1 epochs, Dice /);
  assert.match(status, /\n4 done\n$/);
  const { out: log } = await launch("--logs", "train_3d_fullres_0");
  assert.match(log, /train_3d_fullres_0, attempt 1 on [^]*\nEpoch|epoch/);
  const again = await launch(...args);
  assert.equal(again.code, 0);
  assert.doesNotMatch(again.out, / starts\n/);
  assert.match(
    (await launch("--logs", "train_2d_0")).err,
    /expected one of prepare, train_3d_fullres_0/,
  );
});

Deno.test("launch --dry_run writes the folder again where no scheduler answers", async () => {
  const path = Deno.env.get("PATH")!;
  const out = join(root, "dry");
  const engine = ["--engine", "slurm", "--dry_run", "-f", "0", "--out", out];
  const container = ["--image", "a", "--claim", "b", "--mount", "/"];
  Deno.env.set("PATH", "/nonexistent");
  try {
    for (const args of [engine, engine, [...engine, "--engine", "kubernetes", ...container]]) {
      for (let time = 0; time < 2; time++) {
        const { code, err } = await launch(...args);
        assert.equal(code, 0, err);
      }
    }
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test("launch says which files of the folder of scans are not segmented", async () => {
  const scans = join(root, "some scans");
  await Deno.mkdir(scans);
  await Deno.copyFile(join(root, "input", "c0.nii.gz"), join(scans, "a_0000.nii.gz"));
  await Deno.copyFile(join(root, "input", "c0.nii.gz"), join(scans, "b_0001.nii.gz"));
  await Deno.writeTextFile(join(scans, "notes.txt"), "");
  const place = ["--out", join(root, "some"), "--dry_run"];
  const { code, out, err } = await launch("-i", scans, "-o", join(root, "labels"), ...place);
  assert.equal(code, 0, err);
  assert.match(out, /\nIn .*some scans, ignored notes\.txt: not an image\n/);
  assert.match(out, /\nCannot predict case "b" of .*found b_0001\.nii\.gz, but no b_0000/);
});

Deno.test("Ctrl-C stops a launch's jobs, which save their state", async () => {
  const out = join(root, "stopped");
  const long = ["-c", "3d_fullres", "-f", "2", "--out", out, "--", ...short, "--epochs", "100000"];
  const log = join(
    root,
    "nnUNet_results/Dataset001_Tiny/nnUNetTrainer__nnUNetPlans__3d_fullres/fold_2/training_log.jsonl",
  );
  const { code, err } = await interruptCli(
    ["launch", "1", "--root", root, ...long],
    () => existsSync(log) && Deno.readTextFileSync(log).includes('"event":"epoch"'),
  );
  assert.equal(code, 75, err);
  const { out: status } = await launch("--status", "--out", out);
  assert.match(status, /\ntrain_3d_fullres_2 +stopped .*its state is saved\n/);
});

Deno.test("detached jobs go on without the command, until they are cancelled", async () => {
  const out = join(root, "it's detached");
  const place = ["--out", out];
  const args = ["-c", "3d_fullres", "-f", "3", "--detach", ...place, "--", ...short];
  const { code, out: said, err } = await launch(...args, "--epochs", "100000");
  assert.equal(code, 0, err);
  const [, status] = /Submitted \d jobs\. (?:deno task )?nnunet (.*) reports their status\n/.exec(
    said,
  )!;
  assert.deepEqual(shellWords(status), ["launch", "1", "--status", ...place, "--root", root]);
  const until = async (pattern: RegExp) => {
    for (;;) {
      const { out: status } = await launch("--status", ...place);
      assert.doesNotMatch(status, / failed /);
      if (pattern.test(status)) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  await until(/\ntrain_3d_fullres_3 +running .* of 100000 epochs/);
  assert.match((await launch("--cancel", ...place)).out, /^Asked process \d+ to end/);
  await until(/\ntrain_3d_fullres_3 +stopped .*its state is saved\n/);
  assert.match((await launch("--cancel", ...place)).out, /^No job waits or runs/);
});
