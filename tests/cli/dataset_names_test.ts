/** Tests that a data set's name on the command line must be that of its folder. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { asOwnArguments } from "../../lib/cli/arguments.ts";
import { requireDatasetName } from "../../lib/cli/dataset_names.ts";
import { createProgram } from "../../lib/cli/program.ts";
import { runMain } from "./run_main.ts";

const root = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));
for (const folder of ["nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"]) {
  await Deno.mkdir(join(root, folder, "Dataset001_Hippo"), { recursive: true });
}
await Deno.mkdir(join(root, "nnUNet_raw", "Dataset002_Two"), { recursive: true });

/** A command line of each command that takes a data set. */
const commandLines: readonly (readonly string[])[] = [
  ["train", "Dataset001_Foo", "2d", "0"],
  ["launch", "Dataset001_Foo"],
  ["plan_and_preprocess", "-d", "Dataset001_Foo"],
  ["plan_and_preprocess", "-d", "2", "001_Foo"],
  ["extract_fingerprint", "-d", "Dataset001_Foo"],
  ["plan_experiment", "-d", "Dataset001_Foo"],
  ["preprocess", "-d", "Dataset001_Foo"],
  ["move_plans_between_datasets", "-s", "Dataset001_Foo", "-t", "2", "-sp", "nnUNetPlans"],
  ["move_plans_between_datasets", "-s", "1", "-t", "Dataset001_Foo", "-sp", "nnUNetPlans"],
  ["predict", "-i", "in", "-o", "out", "-d", "Dataset001_Foo", "-c", "2d"],
  ["nnUNet_predict", "-i", "in", "-o", "out", "-t", "Dataset001_Foo", "-m", "2d"],
  ["predict_best", "-i", "in", "-o", "out", "-d", "Dataset001_Foo"],
  ["find_best_configuration", "Dataset001_Foo"],
  ["accumulate_crossval_results", "Dataset001_Foo", "-c", "2d"],
  ["export_onnx", "-d", "Dataset001_Foo", "-c", "2d", "-o", "a.onnx"],
  ["export_html", "-d", "Dataset001_Foo", "-c", "2d", "-o", "a.html"],
  ["export_model_to_zip", "-d", "Dataset001_Foo", "-o", "a.zip"],
  ["plot_overlay_pngs", "-d", "Dataset001_Foo", "-o", "pictures"],
];

for (const args of commandLines) {
  Deno.test(`${args.join(" ")} refuses a name that is not the data set's`, async () => {
    const { code, err } = await runMain(...args, "--root", root);
    const typed = args.find((arg) => arg.endsWith("_Foo"));
    assert.equal(code, 1);
    assert.match(
      err,
      new RegExp(
        `^Cannot use data set ${typed}: found Dataset001_Hippo, not ${typed}, in .*; ` +
          "type Dataset001_Hippo, or 1$",
      ),
    );
  });
}

Deno.test("every command that takes an existing data set is among those tested", () => {
  const tested = new Set(commandLines.map((args) => asOwnArguments(args)[0]));
  const untested = createProgram().commands.filter((command) =>
    [...command.options, ...command.registeredArguments].some(({ description }) =>
      /^(numbers? or names?|names? or numbers?) of (the )?data set/.test(description)
    ) && !tested.has(command.name())
  );
  assert.deepEqual(untested.map((command) => command.name()), []);
});

Deno.test("requireDatasetName() accepts numbers, the name, and data sets that do not exist", async () => {
  const raw = join(root, "nnUNet_raw");
  for (const typed of ["1", "001", "Dataset001_Hippo", "Dataset001_Hippo/", "Dataset003_New"]) {
    await requireDatasetName(typed, raw);
  }
  await requireDatasetName("Dataset001_Foo", join(root, "missing"));
  await requireDatasetName("Dataset001_Foo", undefined);
});
