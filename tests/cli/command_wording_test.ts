import assert from "node:assert/strict";
import { commandsFor, textOf } from "../../lib/cli/command_wording.ts";
import { CaseError } from "../../lib/dataset/case_error.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import { textOf as textOfModule, withoutComments } from "../module_imports.ts";
import { AlreadyExistsError } from "../../lib/files/already_exists_error.ts";
import { UntrainedFoldsError } from "../../lib/model/untrained_folds_error.ts";
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

Deno.test("suggested commands quote what a shell would split", () => {
  const root = "/x/Mäx's data";
  const quoted = String.raw`'/x/Mäx'\''s data'`;
  const error = new MissingCasesError("2d", [], ({ validate }) => validate(own, "2d"));
  assert.equal(
    textOf(error, root),
    `deno task nnunet train 12 2d FOLD -p own --val --root ${quoted}`,
  );
  const model = "results/Dataset012_Few/nnUNetTrainer__my plans__2d";
  const states = [{ fold: 0 as const, checkpoints: [] }];
  assert.match(
    textOf(new UntrainedFoldsError(model, "checkpoint_final.pth", states, [0]), root),
    /nnunet train 12 2d 0 --root '\/x\/Mäx'\\''s data' -p 'my plans'/,
  );
});

Deno.test("textOf() names options for parameters in backticks, with their values", () => {
  const message =
    'Use `folds: [0, 1]`, `checkpoint: "checkpoint_best.pth"`, `overwrite: true` or ' +
    '`classes: { NAME: 255 }` or `classes: { "grey matter": 1, b: 2 }`, not `new Planner()`';
  assert.equal(
    textOf(new Error(message)),
    "Use -f 0 1, --chk checkpoint_best.pth, --overwrite or --names NAME=255 or " +
      "--names 'grey matter=1,b=2', not `new Planner()`",
  );
});

Deno.test("textOf() words what an error repeats of its causes, and whatever else was thrown", () => {
  const cause = new AlreadyExistsError("/a", "Cannot write /a: it exists", "overwrite");
  const failed = new CaseError("a", 'predict case "a"', cause);
  const words = "Cannot write /a: it exists; add --overwrite to replace it";
  assert.equal(textOf(failed), `Cannot predict case "a": ${words}`);
  const both = new FailedCasesError("predict", { failures: [failed, failed], finished: ["b"] });
  assert.equal(
    textOf(both),
    `Cannot predict 2 of 3 cases; the other case is done:\n  a: ${words}\n  a: ${words}`,
  );
  for (const thrown of [undefined, null, {}, new Error("")]) {
    assert.equal(textOf(thrown), "an error without a message");
  }
  assert.equal(textOf(new Error("Cannot read \x1b[31mred")), "Cannot read \\x1b[31mred");
});

Deno.test("every parameter that a message of the library names has an option's words", async () => {
  const unknown: string[] = [];
  const programs = /gdcmconv --raw|--allow-run|^\s*["`]?-?-|>> --/;
  for await (const path of modulesIn("lib")) {
    if (/^lib\/(cli|notebook)\//.test(path)) continue;
    const text = withoutComments(await textOfModule(path));
    for (const [whole, name, value] of text.matchAll(/\\?`(\w+)(: [^`\\]*)?\\?`/g)) {
      // Names of parameters in messages stand alone or with a value.
      if (!whole.startsWith("\\`") || value?.includes("${")) continue;
      if (textOf(new Error(`\`${name}\``)).includes("`")) unknown.push(`${path}: ${whole}`);
    }
    // Launches, the platform and the bundles of pages start programs.
    if (/platform\/|launch\/|browser\/bundle|inference_information/.test(path)) continue;
    for (const line of text.split("\n")) {
      if (/["'` (]--[a-z]{2}/.test(line) && !programs.test(line)) {
        unknown.push(`${path} names an option: ${line.trim()}`);
      }
    }
  }
  assert.deepEqual(unknown, []);
});

async function* modulesIn(folder: string): AsyncGenerator<string> {
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(`../../${folder}`, import.meta.url))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesIn(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
