import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSplits, writeSplits } from "../../../lib/files/splits_file.ts";
import type { Split } from "../../../lib/files/splits_json.ts";
import type { Configuration } from "../../../lib/files/plans.ts";
import type { Fold } from "../../../lib/dataset/splits.ts";
import { createSplits, selectFold } from "../../../lib/dataset/splits.ts";
import { recipeFingerprint } from "../../../lib/preprocessing/recipe.ts";
import { writeCase } from "../../../lib/preprocessing/storage.ts";
import { type FoldCases, foldCases } from "../../../lib/training/fold/fold_cases.ts";
import { numberedPreprocessedCase } from "../cases.ts";

/** A planned data set. */
interface Planned {
  /** `splits_final.json` */
  readonly path: string;
  readonly casesFolder: string;
  /** Fingerprint of the settings that the configuration's cases are preprocessed with. */
  readonly recipe: string;
  choose(fold: Fold, changed?: Partial<Configuration>): Promise<FoldCases>;
  /** Adds scans to the raw data set. */
  addRaw(names: readonly string[]): Promise<void>;
}

/**
 * Runs a test with a data set.
 *
 * @param names Cases that are preprocessed.
 * @param planned Cases that were planned and have ground truth; those that are preprocessed by
 * default.
 */
async function withCases(
  names: readonly string[],
  run: (context: Planned) => Promise<void>,
  planned = names,
) {
  const root = await Deno.makeTempDir();
  try {
    const folder = join(root, "preprocessed");
    const rawFolder = join(root, "raw");
    const casesFolder = join(folder, "nnUNetPlans_2d");
    await Deno.mkdir(join(folder, "gt_segmentations"), { recursive: true });
    for (const name of planned) {
      await Deno.writeTextFile(join(folder, "gt_segmentations", `${name}.nii.gz`), "");
    }
    for (const name of names) {
      await writeCase(casesFolder, numberedPreprocessedCase(name, [1, 2, 2], { 1: [[0, 1, 1]] }));
    }
    const plans = {
      datasetName: "Dataset012_Few",
      plansName: "own",
      transposeForward: [0, 1, 2],
      intensityProperties: [],
      imageReaderWriter: "SimpleITKIO",
    } as const;
    const configuration = {
      name: "2d",
      dataIdentifier: "nnUNetPlans_2d",
      spacing: [1, 1],
      normalizationSchemes: ["ZScoreNormalization"],
      useMaskForNorm: [false],
    } as unknown as Configuration;
    const recipe = await recipeFingerprint({ plansData: plans, configuration });
    await run({
      path: join(folder, "splits_final.json"),
      casesFolder,
      recipe,
      choose: (fold, changed = {}) =>
        foldCases({
          ...{ rawFolder, folder, fileEnding: ".nii.gz", plans, fold },
          configuration: { ...configuration, ...changed },
        }),
      async addRaw(names) {
        await Deno.mkdir(join(rawFolder, "imagesTr"), { recursive: true });
        await Deno.writeTextFile(
          join(rawFolder, "dataset.json"),
          JSON.stringify({
            channel_names: { 0: "MRI" },
            labels: { background: 0, spleen: 1 },
            numTraining: names.length,
            file_ending: ".nii.gz",
          }),
        );
        for (const name of names) {
          await Deno.writeTextFile(join(rawFolder, "imagesTr", `${name}_0000.nii.gz`), "");
        }
      },
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const letters = (count: number) => [..."abcdefghijklmnopqrst"].slice(0, count);

Deno.test("foldCases() creates the folds once, then reads them from the file", async () => {
  await withCases(letters(6), async ({ path, choose }) => {
    const { split: made, notices } = await choose(1);
    assert.deepEqual((await readSplits(path))[1], made);
    assert.deepEqual(notices, [`Created ${path}: 5 folds of the data set's 6 cases`]);
    assert.deepEqual((await choose(1)).notices, []);
    assert.equal((await choose("all")).split.train.length, 6);
  });
});

Deno.test("foldCases() says which cases are in no fold", async () => {
  await withCases(letters(6), async ({ path, choose }) => {
    const own: Split = { train: ["a", "b"], validation: ["c"] };
    await writeSplits(path, [own]);
    const { split, notices } = await choose(0);
    assert.deepEqual(split, own, "not every case needs a fold");
    assert.deepEqual(notices, [
      `3 of the data set's 6 cases are in no fold of ${path} and are not used: d, e, f; if they ` +
      "were added later, delete the file to create new folds",
    ]);
  });
});

Deno.test("foldCases() does not create folds from a partly preprocessed data set", async () => {
  const all = letters(20);
  await withCases(all.slice(0, 8), async ({ path, casesFolder, choose }) => {
    for (const fold of [0, "all"] as const) {
      await assert.rejects(choose(fold), {
        name: "MissingCasesError",
        missing: all.slice(8),
        message: `Cannot train fold ${fold} of 2d: 12 of its 20 cases are not preprocessed ` +
          `completely in ${casesFolder}: i, j, k, l, m and 7 more; preprocess them with ` +
          '`plans.preprocess(dataset, { configurations: ["2d"] })`',
      });
    }
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound, "nothing is written");
  }, all);
});

Deno.test("foldCases() takes the names from the raw data set, if it is there", async () => {
  await withCases(letters(6), async ({ path, choose, addRaw }) => {
    await addRaw(letters(7));
    await assert.rejects(choose(0), { name: "MissingCasesError", missing: ["g"] });
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    await writeSplits(path, createSplits(letters(6)));
    assert.match(
      (await choose(0)).notices.join(),
      /^1 of the data set's 7 cases are in no fold .*: g;/,
    );
  });
});

/** Ways to damage a part of the case `c`. */
const damages: [string, (casesFolder: string) => Promise<void>][] = [
  ["an empty image", (folder) => Deno.truncate(join(folder, "c.image.zarr/c/0/0/0/0"))],
  ["empty labels", (folder) => Deno.truncate(join(folder, "c.labels.zarr/c/0/0/0"))],
  ["missing labels", (folder) => Deno.remove(join(folder, "c.labels.zarr"), { recursive: true })],
  ["labels without metadata", (folder) => Deno.remove(join(folder, "c.labels.zarr/zarr.json"))],
  ["empty metadata", (folder) => Deno.writeTextFile(join(folder, "c.image.zarr/zarr.json"), "")],
  ["zeros in place of the image", async (folder) => {
    const path = join(folder, "c.image.zarr/c/0/0/0/0");
    await Deno.writeFile(path, new Uint8Array((await Deno.stat(path)).size));
  }],
  ["cut locations", (folder) => Deno.truncate(join(folder, "c.locations.i32"), 4)],
  ["missing locations", (folder) => Deno.remove(join(folder, "c.locations.i32"))],
  ["an empty header", (folder) => Deno.writeTextFile(join(folder, "c.json"), "")],
  ["a header of something else", (folder) => Deno.writeTextFile(join(folder, "c.json"), "{}")],
];

for (const [what, damage] of damages) {
  Deno.test(`foldCases() rejects a case with ${what}, and says why`, async () => {
    await withCases(letters(5), async ({ casesFolder, choose }) => {
      await damage(casesFolder);
      await assert.rejects(choose(0), (error: Error) => {
        assert.equal(error.name, "MissingCasesError");
        assert.match(
          error.message,
          /^Cannot train fold 0 of 2d: 1 of its 5 cases .*: c \(Cannot read preprocessed case "c" in .*c\..*\); preprocess them with/s,
        );
        return true;
      });
    });
  });
}

Deno.test("foldCases() rejects folds whose cases are missing, and says what to do", async () => {
  await withCases(["a", "b", "c"], async ({ path, casesFolder, choose }) => {
    const old = ["o1", "o2", "o3", "o4", "o5", "o6"];
    await writeSplits(path, [
      { train: ["a", "b"], validation: ["c"] },
      { train: ["a", ...old], validation: ["o7"] },
      { train: ["a"], validation: ["o1"] },
    ]);
    assert.deepEqual((await choose(0)).split.validation, ["c"], "other folds do not matter");
    await assert.rejects(choose(1), {
      name: "MissingCasesError",
      configuration: "2d",
      missing: [...old, "o7"],
      message: `Cannot train fold 1 of 2d: 7 of its 8 cases are not preprocessed completely in ` +
        `${casesFolder}: o1, o2, o3, o4, o5 and 2 more; preprocess them with ` +
        `\`plans.preprocess(dataset, { configurations: ["2d"] })\`; ${path} names o1, o2, o3, o4, ` +
        "o5 and 2 more, which the data set does not have: edit the file, or delete it to create " +
        "new folds",
    });
    await assert.rejects(choose(2), /1 of its 2 cases are not preprocessed completely/);
  });
});

Deno.test("foldCases() makes a random split for a fold beyond the last, and says so", async () => {
  await withCases(letters(10), async ({ path, choose }) => {
    await choose(0);
    const { split, notices } = await choose(9);
    assert.deepEqual(split, selectFold([], 9, letters(10)));
    assert.equal(split.train.length, 8);
    assert.deepEqual(notices, [
      `${path} has 5 folds, 0 to 4; fold 9 is a random split of the data set's 10 cases, the same ` +
      "in every run",
    ]);
  });
});

Deno.test("foldCases() says if a fold trains on its validation cases", async () => {
  await withCases(letters(3), async ({ path, choose }) => {
    await writeSplits(path, [{ train: ["a", "b"], validation: ["b", "c"] }]);
    assert.deepEqual((await choose(0)).notices, [
      `Fold 0 of ${path} both trains and validates on b; edit the file unless that is intended`,
    ]);
    assert.deepEqual((await choose("all")).notices, [], "where it is intended");
  });
});

Deno.test("foldCases() rejects a fold with no cases to train or validate on", async () => {
  await withCases(["a"], async ({ path, choose }) => {
    await writeSplits(path, [{ train: ["a"], validation: [] }, { train: [], validation: ["a"] }]);
    await assert.rejects(choose(0), {
      message: `Cannot train fold 0 of 2d: ${path} has an empty list "val" for it, expected at ` +
        "least one case",
    });
    await assert.rejects(choose(1), /fold 1 of 2d: .*splits_final.json has an empty list "train"/);
    await assert.rejects(
      choose(2),
      /the random split of .*nnUNetPlans_2d has an empty list "train"/,
    );
  });
});

Deno.test("foldCases() names the call that preprocesses if there are no cases", async () => {
  await withCases([], async ({ casesFolder, choose }) => {
    await assert.rejects(choose("all"), {
      message: `Cannot train 2d: found no preprocessed cases in ${casesFolder}; preprocess them ` +
        'first with `plans.preprocess(dataset, { configurations: ["2d"] })`',
    });
  });
});

Deno.test("foldCases() rejects cases that other plans have preprocessed", () =>
  withCases(letters(5), async ({ casesFolder, recipe, choose }) => {
    // Cases of earlier versions do not say how they were made.
    await choose(0, { spacing: [2, 2] });
    for (const name of letters(5)) {
      const preprocessed = numberedPreprocessedCase(name, [1, 2, 2], { 1: [[0, 1, 1]] });
      await writeCase(casesFolder, preprocessed, { recipe });
    }
    await choose(0, { batchSize: 9 });
    await assert.rejects(choose(0, { spacing: [2, 2] }), {
      name: "MissingCasesError",
      message:
        /5 of its 5 cases .* "a" in .*: it was preprocessed by other plans, with another spacing, /,
    });
  }));
