import assert from "node:assert/strict";
import { commandsFor, textOf } from "../../lib/cli/command_wording.ts";
import { AlreadyExistsError } from "../../lib/files/already_exists_error.ts";
import { MissingCasesError } from "../../lib/training/fold/missing_cases_error.ts";

const byDefault = { datasetName: "Dataset004_Hippocampus", plansName: "nnUNetPlans" };
const own = { datasetName: "Dataset012_Few", plansName: "own" };

Deno.test("commands name the data set by its number, and plans that are not the default", () => {
  assert.equal(commandsFor().preprocess(byDefault, "2d"), "deno task nnunet preprocess -d 4 -c 2d");
  assert.equal(
    commandsFor().preprocess(own, "2d"),
    "deno task nnunet preprocess -d 12 -plans_name own -c 2d",
  );
  assert.equal(
    commandsFor().validate(own, "3d_lowres"),
    "deno task nnunet train 12 3d_lowres FOLD -p own --val",
  );
});

Deno.test("textOf() names commands where the library's message names calls", () => {
  const error = new MissingCasesError(
    "2d",
    ["a"],
    ({ preprocess }) => `Cannot train: use ${preprocess(byDefault, "2d")}`,
  );
  assert.equal(
    error.message,
    'Cannot train: use plans.preprocess(dataset, { configurations: ["2d"] })',
  );
  assert.equal(textOf(error), "Cannot train: use deno task nnunet preprocess -d 4 -c 2d");
  assert.equal(textOf(new RangeError("Cannot read")), "Cannot read");
});

Deno.test("textOf() names options where the library's message names parameters", () => {
  const error = new AlreadyExistsError("/a", "Cannot create /a: it exists", "overwrite");
  assert.equal(
    error.message,
    "Cannot create /a: it exists; pass `overwrite: true` to replace it",
  );
  assert.equal(textOf(error), "Cannot create /a: it exists; add --overwrite to replace it");
  assert.equal(textOf(new AlreadyExistsError("/a", "Cannot rename /b")), "Cannot rename /b");
});

Deno.test("suggested commands repeat --root where it is in use", () => {
  const error = new MissingCasesError("2d", [], ({ validate }) => validate(byDefault, "2d"));
  assert.equal(textOf(error, "my/data"), "deno task nnunet train 4 2d FOLD --val --root my/data");
});
