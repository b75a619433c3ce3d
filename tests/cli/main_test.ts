import assert from "node:assert/strict";
import { join } from "@std/path";
import { createProgram } from "../../lib/cli/program.ts";
import { readSegmentation } from "../../lib/image/image_files.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { tinyShape, writeTinyScans } from "../tiny_scans.ts";
import { runCli } from "./run_cli.ts";

for (
  const { name, description } of createProgram().commands.map((command) => ({
    name: command.name(),
    description: () => command.description(),
  }))
) {
  Deno.test(`nnunet ${name} --help describes the command and its options`, async () => {
    const { code, out, err } = await runCli(name, "--help");
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`^Usage: nnunet ${name} `));
    assert.ok(out.replaceAll(/\s+/g, " ").includes(description()));
  });
}

Deno.test("nnunet --help lists the commands and explains where folders are found", async () => {
  const { code, out } = await runCli("--help");
  assert.equal(code, 0);
  const program = createProgram();
  const listed = program.createHelp().visibleCommands(program).map((command) => command.name());
  for (const name of listed) assert.ok(out.includes(name), name);
  const hidden = program.commands.map((command) => command.name()).filter((name) =>
    !listed.includes(name)
  );
  assert.deepEqual(hidden, ["launch_local"]);
  assert.match(out, /--root DIR/);
});

Deno.test("nnunet without a command shows its help", async () => {
  const { code, err } = await runCli();
  assert.equal(code, 2);
  assert.match(err, /^Usage: nnunet/);
});

Deno.test("nnunet reports unknown commands, options and invalid arguments", async () => {
  const mistakes: [string[], RegExp][] = [
    [["fly"], /^error: unknown command 'fly'$/],
    [["train", "1", "2d", "0", "--fast"], /^error: unknown option '--fast'$/],
    [["train", "1", "2d"], /^error: missing required argument 'fold'$/],
    [["predict", "-i", "x"], /^error: required option '-o <path>' not specified$/],
    [["train", "1", "2d", "0", "--epochs", "-5"], /^Cannot use --epochs -5: expected a whole/],
    [["train", "1", "2d", "first"], /^Cannot use fold first: expected 0, 1, 2, … or all$/],
    [["train", "1", "2d", "0", "--c", "--val"], /^Cannot use --c with --val/],
    [["train", "one", "2d", "0"], /^Cannot use data set one: expected a number/],
    [
      ["train", "1", "2d", "0"],
      /^Cannot find nnU-Net's folders: nnUNet_raw is not set; pass --root DIR, or set nnUNet_raw/,
    ],
  ];
  const outcomes = await Promise.all(mistakes.map(([args]) => runCli(...args)));
  for (const [i, { code, out, err }] of outcomes.entries()) {
    assert.equal(code, 2);
    assert.equal(out, "");
    assert.match(err.trim(), mistakes[i][1]);
  }
});

Deno.test("nnunet creates, plans, trains, predicts and evaluates", async () => {
  const root = await Deno.makeTempDir();
  try {
    const { images, labels } = await writeTinyScans(root);
    const run = async (...args: string[]) => {
      const { code, out, err } = await runCli(...args);
      assert.equal(code, 0, err);
      return out;
    };
    const created = await run(
      ...["create_dataset", "-d", "7", "-n", "Tiny", "--images", images, "--labels", labels],
      ...["--names", "background,shell,ball", "--root", root],
    );
    const raw = join(root, "nnUNet_raw", "Dataset007_Tiny");
    assert.equal(created, `${raw}: 5 cases, labels 0 background, 1 shell, 2 ball\n`);

    const planned = await run(
      ...["plan_and_preprocess", "-d", "7", "--verify_dataset_integrity", "-np", "1"],
      ...[
        "--gpu_memory_target",
        "0.05",
        "--base_features",
        "4",
        "-c",
        "3d_fullres",
        "--root",
        root,
      ],
    );
    assert.match(planned, /^5 cases checked, no errors\n/);
    assert.match(planned, /3d_fullres: patch 12 × 16 × 16, batch 2, .*features 4 8 16/);

    const trained = await run(
      ...["train", "7", "3d_fullres", "1", "--epochs", "1", "--iterations", "2"],
      ...["--val_iterations", "1", "--root", root],
    );
    assert.match(
      trained,
      /^Dataset007_Tiny, 3d_fullres, fold 1: 4 training cases, 1 validation case\n/,
    );
    assert.match(trained, /^epoch 1\/1 {2}train loss /m);
    const model = join(
      ...[root, "nnUNet_results", "Dataset007_Tiny", "nnUNetTrainer__nnUNetPlans__3d_fullres"],
    );
    assert.ok(trained.includes(`\nTrained ${join(model, "fold_1")}\nValidated: mean foreground`));

    const validated = await run(
      ...["train", "Dataset007_Tiny", "3d_fullres", "1", "--val", "--val_best", "--npz"],
      ...["--root", root],
    );
    assert.match(validated, /\nValidated: mean foreground Dice .*summary\.json\n$/);
    assert.ok(namesIn(join(model, "fold_1", "validation")).includes("c4.npz"));

    const output = join(root, "output");
    const predicted = await run(
      ...["predict", "-i", join(raw, "imagesTr"), "-o", output, "-d", "7", "-c", "3d_fullres"],
      ...["-f", "1", "-step_size", "1", "--disable_tta", "--root", root],
    );
    assert.ok(predicted.endsWith(`\n5 label maps in ${output}\n`), predicted);
    const { geometry, data } = await readSegmentation(join(output, "c4.nii.gz"));
    assert.deepEqual(geometry.shape, tinyShape);
    assert.ok(data.every((label) => label <= 2));

    const evaluated = await run(
      ...["evaluate_folder", labels, output, "-djfile", join(raw, "dataset.json")],
      ...["-pfile", join(model, "plans.json")],
    );
    assert.match(evaluated, /^case +shell +ball +mean\nc0 /);
    assert.ok(namesIn(output).includes("summary.json"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
