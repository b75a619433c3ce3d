/** Tests invalid input: one error that names the file, the value found and the value expected. */

import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import {
  readImage,
  readSegmentation,
  writeImage,
  writeSegmentation,
} from "../../lib/image/image_files.ts";
import { Trainer } from "../../lib/trainer.ts";
import { namesIn, snapshot } from "../dataset/sample_folders.ts";
import { writeMember } from "../ensembling/member_folder.ts";
import { makeTinyPlans, writeTinyScans } from "../tiny_scans.ts";
import { type Outcome, runCli } from "./run_cli.ts";

const { plans, dataset, root } = await makeTinyPlans();
await Array.fromAsync(
  new Trainer(plans, "3d_fullres", { epochs: 1, iterations: 1, validationIterations: 1 }).fit(),
);
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const emptyFolder = () => Deno.makeTempDirSync({ dir: root });

/** Checks that a command exits with code 1, prints only a message, and that it has every part. */
function assertFails({ code, out, err }: Outcome, ...parts: readonly string[]) {
  assert.equal(code, 1, out + err);
  for (const part of parts) assert.ok(err.includes(part), `found ${err}\nexpected ${part}`);
  assert.doesNotMatch(err, /\n +at /, "the message must not have a stack trace");
}

async function changeImage(path: string, change: (data: Float32Array) => void) {
  const image = await readImage([path]);
  change(image.data);
  await writeImage(path, image);
}

/** Folders with one fault each, and the message of `create_dataset`. */
const brokenFolders: Record<
  string,
  (image: string, label: string) => Promise<string[]> | string[]
> = {
  "an image without labels": async (image, label) => {
    await Deno.remove(label);
    return ['case "c1"', image, "found no label map of this name in"];
  },
  "labels without an image": async (image, label) => {
    await Deno.remove(image);
    return ['case "c1"', label, "found no image of this name in"];
  },
  "a truncated image": async (image) => {
    await Deno.truncate(image, 1000);
    return [image, "its 1000 bytes of gzip are damaged or truncated", "expected intact data"];
  },
  "a text file with an image's name": async (image) => {
    await Deno.writeTextFile(image, "hello");
    return [image, "file holds 5 bytes, expected a NIfTI header of 348"];
  },
  "NaN in an image": async (image) => {
    await changeImage(image, (data) => data[7] = NaN);
    return [image, "1 voxels are NaN or infinite, expected finite numbers"];
  },
  "shapes that differ": async (_, label) => {
    const { geometry, data } = await readSegmentation(label);
    await writeSegmentation(label, {
      geometry: { ...geometry, shape: [6, 16, 16] },
      data: data.slice(0, 6 * 256),
    });
    return [label, "shape is 6 × 16 × 16, expected 12 × 16 × 16 as c1.nii.gz has"];
  },
  "spacings that differ": async (_, label) => {
    const { geometry, data } = await readSegmentation(label);
    const affine = [...geometry.affine];
    affine[10] = 2;
    await writeSegmentation(label, { geometry: { ...geometry, spacing: [2, 1, 1], affine }, data });
    return [label, "spacing is 2 × 1 × 1 mm, expected 1 × 1 × 1 mm as c1.nii.gz has"];
  },
  "labels with a gap": async (_, label) => {
    const { geometry, data } = await readSegmentation(label);
    await writeSegmentation(label, { geometry, data: data.map((old) => old === 2 ? 7 : old) });
    return [
      "found 0, 1, 2, 7 (7 only in c1), expected 0, 1, 2, … without gaps; ",
      "pass --names with their integers to renumber them, such as ",
      "--names label_1=1,label_2=2,label_7=7",
    ];
  },
};

for (const [what, damage] of Object.entries(brokenFolders)) {
  Deno.test(`create_dataset rejects ${what} and writes nothing`, async () => {
    const folder = emptyFolder();
    const { images, labels } = await writeTinyScans(folder, { cases: 2 });
    const parts = await damage(join(images, "c1.nii.gz"), join(labels, "c1.nii.gz"));
    assertFails(
      await runCli(
        ...["create_dataset", "-d", "2", "-n", "Broken", "--images", images, "--labels", labels],
        ...["--root", folder],
      ),
      ...parts,
    );
    assert.deepEqual(namesIn(folder), ["ground_truth/", "input/"]);
  });
}

Deno.test("create_dataset rejects empty folders, ids in use and mismatched names", async () => {
  const folder = emptyFolder();
  const { images, labels } = await writeTinyScans(folder, { cases: 2 });
  const create = (...args: string[]) =>
    runCli("create_dataset", "-n", "Tiny", "--root", root, "--labels", labels, ...args);
  const before = namesIn(join(root, "nnUNet_raw"));
  const empty = emptyFolder();
  assertFails(
    await create("-d", "2", "--images", empty),
    `${empty}: found no image files, expected at least one`,
  );
  assertFails(
    await create("-d", "1", "--images", images),
    `Cannot create data set 1 "Tiny": found ${dataset.folder}, expected an unused id`,
  );
  assertFails(
    await create("-d", "2", "--images", images, "--names", "background,shell"),
    "found 0, 1, 2, expected at most 1, the number of classes",
  );
  assertFails(
    await create("-d", "2", "--images", images, "--channels", "CT,MRI"),
    'case "c0"',
    "found 1 channel ",
    "expected 2",
  );
  assertFails(await create("-d", "1000", "--images", images), "id is 1000", "1 to 999");
  assert.deepEqual(namesIn(join(root, "nnUNet_raw")), before);
});

/** Runs a test on a copy of the data set that the test may damage. */
async function withRawCopy(run: (folder: string, raw: string) => Promise<void>) {
  const folder = emptyFolder();
  cpSync(join(root, "nnUNet_raw"), join(folder, "nnUNet_raw"), { recursive: true });
  await run(folder, join(folder, "nnUNet_raw", "Dataset001_Tiny"));
}

const plan = (folder: string, ...args: string[]) =>
  runCli(
    ...["plan_and_preprocess", "-d", "1", "--gpu_memory_target", "0.05", "--base_features", "4"],
    ...["-c", "3d_fullres", "--np", "1", "--root", folder, ...args],
  );

Deno.test("plan_and_preprocess names the broken file, with and without an integrity check", () =>
  withRawCopy(async (folder, raw) => {
    const label = join(raw, "labelsTr", "c1.nii.gz");
    const image = join(raw, "imagesTr", "c3_0000.nii.gz");
    await changeImage(image, (data) => data[7] = NaN);
    await Deno.truncate(label, 50);
    // The check reports all problems together.
    assertFails(
      await plan(folder, "--verify_dataset_integrity"),
      `${raw}: found 2 problems, expected none`,
      label,
      `case "c3": ${image}: 1 voxels are NaN or infinite, expected finite numbers`,
    );
    assertFails(
      await plan(folder),
      "fingerprint of 2 of 5 cases",
      `c1: Cannot read ${label}`,
      "c3: ",
    );
    cpSync(join(dataset.folder, "labelsTr", "c1.nii.gz"), label);
    assertFails(
      await plan(folder),
      'Cannot extract a fingerprint of case "c3"',
      "1 of its 3072 values are NaN or infinite, expected finite numbers",
    );
    assert.deepEqual(namesIn(folder), ["nnUNet_raw/"]);
  }));

Deno.test("plan_and_preprocess rejects a data set that is missing or has no dataset.json", () =>
  withRawCopy(async (folder, raw) => {
    assertFails(
      await runCli("plan_and_preprocess", "-d", "9", "--root", folder),
      `Cannot open data set 9: found data set 1 in ${join(folder, "nnUNet_raw")}`,
    );
    await Deno.writeTextFile(join(raw, "dataset.json"), "{");
    assertFails(await plan(folder), `Cannot read ${join(raw, "dataset.json")}`);
    await Deno.remove(join(raw, "dataset.json"));
    assertFails(await plan(folder), `Cannot read ${join(raw, "dataset.json")}`);
  }));

Deno.test("train names the available data sets, configurations and folds", async () => {
  const before = snapshot(root);
  const train = (...args: string[]) => runCli("train", "--root", root, "--epochs", "1", ...args);
  assertFails(
    await train("9", "3d_fullres", "0"),
    "Cannot open plans of data set 9: found data set 1 in",
    "plan the data set first",
  );
  assertFails(
    await train("1", "3d_lowres", "0"),
    'Cannot use configuration "3d_lowres": nnUNetPlans of Dataset001_Tiny has 2d, 3d_fullres',
  );
  assertFails(await train("1", "2d", "0"), "found no preprocessed cases in", "nnUNetPlans_2d");
  assertFails(await train("1", "2d", "0", "-p", "other"), "found no", "other.json");
  assert.deepEqual(snapshot(root), before);
});

Deno.test("predict names the available models and options", async () => {
  const output = join(root, "output");
  const input = join(dataset.folder, "imagesTr");
  const predict = (...args: string[]) =>
    runCli("predict", "-d", "1", "--root", root, "-o", output, ...args);
  assertFails(
    await predict("-i", input, "-c", "2d"),
    "nnUNetTrainer__nnUNetPlans__2d: it is not trained; ",
  );
  assertFails(await predict("-i", input, "-c", "4d"), "Cannot predict with 4d: nnUNetPlans");
  assertFails(
    await predict("-i", input, "-c", "3d_fullres", "-f", "3"),
    "fold 3 is not trained; predict with the trained ones, -f 0",
  );
  assert.ok(!namesIn(root).includes("output/"));

  const model = join(root, "nnUNet_results", "Dataset001_Tiny", "nnUNetTrainer__nnUNetPlans__");
  const checkpoint = join(`${model}3d_fullres`, "fold_0", "checkpoint_best.pth");
  await Deno.truncate(checkpoint, 20000);
  assertFails(
    await predict("-i", input, "-c", "3d_fullres", "-f", "0", "-chk", "checkpoint_best.pth"),
    `Cannot read ${checkpoint}`,
    "the file may be truncated",
  );
});

Deno.test("predict does the other cases if a scan is broken, and names it", async () => {
  const folder = emptyFolder();
  const { images: input } = await writeTinyScans(folder, { cases: 2 });
  for (const name of ["c0", "c1"]) {
    await Deno.rename(join(input, `${name}.nii.gz`), join(input, `${name}_0000.nii.gz`));
  }
  await changeImage(join(input, "c1_0000.nii.gz"), (data) => data[0] = Infinity);
  const output = join(folder, "output");
  assertFails(
    await runCli(
      ...["predict", "-i", input, "-o", output, "-d", "1", "-c", "3d_fullres", "--disable_tta"],
      ...["-f", "0", "--root", root],
    ),
    `Cannot predict case "c1" of ${input}: Cannot use image: 1 of its 3072 values are NaN or`,
  );
  assert.deepEqual(namesIn(output).filter((name) => !name.endsWith(".json")), ["c0.nii.gz"]);
});

Deno.test("evaluate_folder names the files that it cannot use", async () => {
  const folder = emptyFolder();
  const truth = join(dataset.folder, "labelsTr");
  const json = ["--djfile", join(dataset.folder, "dataset.json")];
  const evaluate = (predictions: string, ...args: string[]) =>
    runCli("evaluate_folder", truth, predictions, ...args);
  const plansFile = join(plans.folder, "nnUNetPlans.json");
  assertFails(await evaluate(folder, ...json, "--pfile", plansFile), "c0.nii.gz");
  assertFails(await evaluate(truth, "--djfile", "gone.json", "--pfile", plansFile), "gone.json");
  assertFails(await evaluate(truth, ...json, "--pfile", json[1]), json[1], "plans_name");
  assert.deepEqual(namesIn(folder), []);
  cpSync(truth, folder, { recursive: true });
  const path = join(folder, "c1.nii.gz");
  const { geometry, data } = await readSegmentation(path);
  await writeSegmentation(path, { geometry, data: data.with(5, 9) });
  assertFails(
    await evaluate(folder, ...json, "--pfile", plansFile),
    `Cannot evaluate ${path}: it has label 9, expected 0, 1, 2`,
  );
  assert.ok(!namesIn(folder).includes("summary.json"));
});

Deno.test("ensemble rejects members with different classes and writes nothing", async () => {
  const folder = emptyFolder();
  const [a, b, output] = ["a", "b", "out"].map((name) => join(folder, name));
  await writeMember(a, "x", new Float32Array(4), [2, 1, 1, 2]);
  await writeMember(b, "x", new Float32Array(6), [3, 1, 1, 2]);
  cpSync(join(dataset.folder, "dataset.json"), join(a, "dataset.json"));
  assertFails(
    await runCli("ensemble", "-i", a, b, "-o", output),
    `Cannot ensemble case "x": ${join(a, "x.npz")} has 2 classes, expected 3`,
  );
  assert.deepEqual(namesIn(folder), ["a/", "b/"]);
});

const canMount = Deno.build.os === "linux" && Deno.uid() === 0;

Deno.test({
  name: "a full disk leaves only complete cases, and a complete data set or none" +
    (canMount ? "" : " (skipped: needs root on Linux to mount a small disk)"),
  ignore: !canMount,
  async fn() {
    const disk = emptyFolder();
    const mount = (size: string) => {
      const { success, stderr } = new Deno.Command("mount", {
        args: ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk],
      }).outputSync();
      assert.ok(success, new TextDecoder().decode(stderr));
    };
    const unmount = () => new Deno.Command("umount", { args: [disk] }).outputSync();
    mount("16k");
    try {
      assertFails(
        await runCli(
          ...["create_dataset", "-d", "1", "-n", "Tiny", "--images", join(root, "input")],
          ...["--labels", join(root, "ground_truth"), "--root", disk],
        ),
        "the disk is full",
      );
      assert.deepEqual(namesIn(join(disk, "nnUNet_raw")), []);
    } finally {
      unmount();
    }
    mount("160k");
    try {
      cpSync(join(root, "nnUNet_raw"), join(disk, "nnUNet_raw"), { recursive: true });
      assertFails(await plan(disk), "Cannot", disk, "the disk is full");
      assertNothingPartial(disk);
    } finally {
      unmount();
    }
  },
});

/** Fails if a kill or a full disk left an incomplete file under its final name. */
function assertNothingPartial(folder: string) {
  const partial = Object.keys(snapshot(folder)).filter((path) => path.endsWith(".partial"));
  assert.deepEqual(partial, []);
}
