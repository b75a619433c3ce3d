import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSplits, writeSplits } from "../../../lib/files/splits_file.ts";
import type { Split } from "../../../lib/files/splits_json.ts";
import type { Configuration } from "../../../lib/files/plans.ts";
import type { Fold } from "../../../lib/dataset/splits.ts";
import { foldCases } from "../../../lib/training/fold/fold_cases.ts";

/** Runs a test with a data set of preprocessed cases, of which only the file names exist. */
async function withCases(
  names: readonly string[],
  run: (context: {
    /** `splits_final.json` */
    path: string;
    casesFolder: string;
    split: (fold: Fold) => Promise<Split>;
  }) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    const casesFolder = join(folder, "nnUNetPlans_2d");
    await Deno.mkdir(casesFolder);
    for (const name of names) await Deno.writeTextFile(join(casesFolder, `${name}.json`), "{}");
    const plans = { datasetName: "Dataset012_Few", plansName: "own" };
    const configuration = { name: "2d", dataIdentifier: "nnUNetPlans_2d" } as Configuration;
    const split = (fold: Fold) => foldCases({ folder, plans, configuration, fold });
    await run({ path: join(folder, "splits_final.json"), casesFolder, split });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("foldCases() creates the folds once, then reads them from the file", async () => {
  await withCases(["a", "b", "c", "d", "e", "f"], async ({ path, split }) => {
    const made = await split(1);
    assert.deepEqual((await readSplits(path))[1], made);
    const own: Split = { train: ["a", "b"], validation: ["c"] };
    await writeSplits(path, [own]);
    assert.deepEqual(await split(0), own, "not every case needs a fold");
    assert.equal((await split("all")).train.length, 6);
  });
});

Deno.test("foldCases() rejects folds whose cases are missing, and says what to do", async () => {
  await withCases(["a", "b", "c"], async ({ path, casesFolder, split }) => {
    const old = ["o1", "o2", "o3", "o4", "o5", "o6"];
    await writeSplits(path, [
      { train: ["a", "b"], validation: ["c"] },
      { train: ["a", ...old], validation: ["o7"] },
      { train: old.slice(1), validation: ["o1"] },
      { train: ["a"], validation: ["o1"] },
    ]);
    assert.deepEqual((await split(0)).validation, ["c"], "other folds do not matter");
    await assert.rejects(split(1), {
      name: "MissingCasesError",
      configuration: "2d",
      missing: [...old, "o7"],
      message:
        `Cannot train fold 1 of 2d: ${path} names o1, o2, o3, o4, o5 and 2 more, 7 of the fold's ` +
        `8 cases, which ${casesFolder} does not have; preprocess them with ` +
        '`plans.preprocess(dataset, { configurations: ["2d"] })`; if the data set has changed, ' +
        "edit the file, or delete it to create new folds",
    });
    await assert.rejects(split(2), /names o2, o3, o4, o5, o6 and 1 more, 6 of the fold's 6 cases/);
    await assert.rejects(split(3), /names o1, 1 of the fold's 2 cases/);
  });
});

Deno.test("foldCases() rejects a fold with no cases to train or validate on", async () => {
  await withCases(["a"], async ({ path, split }) => {
    await writeSplits(path, [{ train: ["a"], validation: [] }, { train: [], validation: ["a"] }]);
    await assert.rejects(split(0), {
      message: `Cannot train fold 0 of 2d: ${path} has an empty list "val" for it, expected at ` +
        "least one case",
    });
    await assert.rejects(split(1), /fold 1 of 2d: .*splits_final.json has an empty list "train"/);
    await assert.rejects(
      split(2),
      /the random split of .*nnUNetPlans_2d has an empty list "train"/,
    );
  });
});

Deno.test("foldCases() names the call that preprocesses if there are no cases", async () => {
  await withCases([], async ({ casesFolder, split }) => {
    await assert.rejects(split("all"), {
      message: `Cannot train 2d: found no preprocessed cases in ${casesFolder}; preprocess them ` +
        'first with `plans.preprocess(dataset, { configurations: ["2d"] })`',
    });
  });
});
