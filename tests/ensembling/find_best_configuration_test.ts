import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import {
  candidateSets,
  findBestConfiguration,
} from "../../lib/ensembling/find_best_configuration.ts";
import {
  formatInstructions,
  writeInferenceInformation,
} from "../../lib/ensembling/inference_information.ts";
import { FailedCasesError } from "../../lib/dataset/failed_cases_error.ts";
import { crossvalRuns, writeCrossvalTree } from "./crossval_tree.ts";

async function withTree(
  run: typeof crossvalRuns[number],
  use: (tree: Awaited<ReturnType<typeof writeCrossvalTree>>, root: string) => Promise<void>,
) {
  const root = await Deno.makeTempDir();
  try {
    await use(await writeCrossvalTree(root, run), root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

for (const run of crossvalRuns) {
  Deno.test(`findBestConfiguration() chooses as nnU-Net does: ${run.name}`, async () => {
    await withTree(run, async ({ models, groundTruth }, root) => {
      const progress: number[] = [];
      const found = await findBestConfiguration({
        workers: 1,
        models,
        groundTruth,
        onProgress: (done, total) => progress.push(done / total),
      });
      const read = async (path: string) =>
        (await Deno.readTextFile(path)).replaceAll(`${root}/`, "");
      const { json } = await writeInferenceInformation({
        ...found,
        models,
        folds: [0, 1, 2, 3, 4],
        voting: "soft",
      });
      assert.equal(await read(json), run.information);
      const best = join(root, run.best);
      assert.equal(found.best.folder, best);
      assert.equal(await read(join(best, "summary.json")), run.summary);
      assert.equal(await read(join(best, "postprocessing.json")), run.postprocessing);
      assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
      assert.equal(progress.at(-1), 1);
    });
  });
}

Deno.test("findBestConfiguration() supports hard voting and larger sets, and writes instructions", async () => {
  await withTree(crossvalRuns[0], async ({ models, groundTruth }) => {
    const options = { models, groundTruth, maxModels: 3, voting: "hard", workers: 1 } as const;
    const found = await findBestConfiguration(options);
    assert.equal(found.candidates.length, 7);
    assert.match(
      found.candidates[6].name,
      /^ensemble_hard___.*2d___.*3d_fullres___.*3d_lowres___0_/,
    );
    const [, , , pair] = found.candidates;
    const text = formatInstructions({
      ...found,
      best: pair,
      models,
      folds: [0, 1, 2, 3, 4],
      voting: "hard",
    });
    assert.match(text, /nnunet predict -d 7 .* -f 0 1 2 3 4 -tr nnUNetTrainer -c 3d_fullres /);
    assert.match(
      text,
      /nnunet ensemble -i .*_1 .*_2 -o OUTPUT_FOLDER -dataset_json .* --voting hard\n/,
    );

    // Kept results are read, not recomputed.
    const before = await Deno.stat(join(pair.folder, "summary.json"));
    const again = await findBestConfiguration({ ...options, overwrite: false });
    assert.deepEqual(again.candidates, found.candidates);
    const after = await Deno.stat(join(pair.folder, "summary.json"));
    assert.equal(after.mtime?.getTime(), before.mtime?.getTime());
  });
});

/** Modification times of the label maps in a folder, by name. */
function timesIn(folder: string): Record<string, number> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".nii.gz")
  );
  return Object.fromEntries(
    names.sort().map((name) => [name, Deno.statSync(join(folder, name)).mtime!.getTime()]),
  );
}

Deno.test("findBestConfiguration() resumes case by case, with files that have not changed", async () => {
  await withTree(crossvalRuns[0], async ({ models: [first, second], groundTruth }) => {
    const ensembles = join(first, "..", "ensembles");
    const controller = new AbortController();
    const options = { models: [first, second], groundTruth, workers: 1 };
    await assert.rejects(
      findBestConfiguration({
        ...options,
        signal: controller.signal,
        // One unit for each model, and two for the pair, of which one is merging five cases.
        onProgress: (done) => done > 2.5 && done < 3 && controller.abort(new Error("Enough")),
      }),
      { message: "Enough" },
    );
    const [work] = [...Deno.readDirSync(ensembles)].map(({ name }) => name)
      .filter((name) => name.startsWith(".unfinished"));
    const finished = timesIn(join(ensembles, work));
    const names = Object.keys(finished);
    assert.ok(names.length >= 1 && names.length < 5);
    const single = timesIn(join(first, "crossval_results_folds_0_1_2_3_4"));

    // The sources of one of them change.
    const [changed] = names;
    const fold = changed.slice(1, 2);
    const source = join(second, `fold_${fold}`, "validation", changed.replace(".nii.gz", ".npz"));
    await Deno.utime(source, new Date(), new Date(2020, 1, 1));
    const { candidates: [, , pair] } = await findBestConfiguration(options);
    const now = timesIn(pair.folder);
    assert.equal(Object.keys(now).length, 5);
    assert.notEqual(now[changed], finished[changed]);
    for (const name of names.slice(1)) assert.equal(now[name], finished[name]);
    assert.deepEqual(timesIn(join(first, "crossval_results_folds_0_1_2_3_4")), single);
    assert.deepEqual(
      [...Deno.readDirSync(ensembles)].map(({ name }) => name).filter((name) => name[0] === "."),
      [],
    );
  });
});

Deno.test("findBestConfiguration() removes what a run left that was killed at its end", async () => {
  await withTree(crossvalRuns[0], async ({ models: [first], groundTruth }) => {
    const hidden = () =>
      [...Deno.readDirSync(first)].map(({ name }) => name).filter((name) => name[0] === ".");
    const options = { models: [first], groundTruth, workers: 1 };
    const controller = new AbortController();
    await assert.rejects(
      findBestConfiguration({
        ...options,
        signal: controller.signal,
        onProgress: (done) => done > 0 && controller.abort(new Error("Enough")),
      }),
      { message: "Enough" },
    );
    const [work] = hidden();
    await findBestConfiguration(options);
    for (const overwrite of [true, false]) {
      await Deno.mkdir(join(first, work));
      await findBestConfiguration({ ...options, overwrite });
      assert.deepEqual(hidden(), []);
    }
  });
});

Deno.test("findBestConfiguration() rejects folds whose validation was interrupted", async () => {
  await withTree(crossvalRuns[0], async ({ models, groundTruth }) => {
    await Deno.writeTextFile(
      join(models[1], "fold_2", "validation_record.json"),
      JSON.stringify({ maker: "x", cases: {} }),
    );
    await assert.rejects(
      findBestConfiguration({ models, groundTruth }),
      /validation of .*3d_fullres: that of fold 2 was interrupted; finish it with `fit\(\{ resume: true \}\)`/,
    );
  });
});

Deno.test("findBestConfiguration() checks all folds first", async () => {
  await withTree(crossvalRuns[0], async ({ models, groundTruth }) => {
    const [first, second] = models;
    const probabilities = join(second, "fold_3", "validation", "c3.npz");
    await Deno.rename(probabilities, `${probabilities}.gone`);
    await assert.rejects(
      findBestConfiguration({ models, groundTruth }),
      /found no \.npz files in .*3d_fullres\/fold_3\/validation; validate with `saveProbabilities: true`/,
    );
    await Deno.remove(join(second, "fold_3", "validation"), { recursive: true });
    await assert.rejects(
      findBestConfiguration({ models, groundTruth, maxModels: 1 }),
      /validation of .*3d_fullres: fold 3 was not validated, expected folds 0, 1, 2, 3, 4 to be trained/,
    );
    const twice = join(first, "fold_1", "validation", "c0.nii.gz");
    await Deno.copyFile(join(first, "fold_0", "validation", "c0.nii.gz"), twice);
    await assert.rejects(
      findBestConfiguration({ models: [first], groundTruth }),
      /c0\.nii\.gz is in fold 1 and in .*fold_0.*, expected each case in one fold only/,
    );
    await assert.rejects(Deno.stat(join(first, "crossval_results_folds_0_1_2_3_4")));
  });
});

Deno.test("candidateSets() lists single models, then pairs, then larger sets", () => {
  assert.deepEqual(candidateSets(["a", "b", "c"], 3).map((set) => set.join("")), [
    ...["a", "b", "c"],
    ...["ab", "ac", "bc"],
    "abc",
  ]);
  assert.deepEqual(candidateSets(["a", "b"], 1), [["a"], ["b"]]);
  assert.throws(() => candidateSets([], 2), /found no trained model/);
});

Deno.test("findBestConfiguration() chooses the first, hence simplest, of equal models", async () => {
  await withTree(crossvalRuns[0], async ({ models: [model], groundTruth }) => {
    const twin = `${model}_twin`;
    cpSync(model, twin, { recursive: true });
    const folds = [0, 1, 2, 3, 4];
    for (const models of [[model, twin], [twin, model]]) {
      const options = { models, groundTruth, folds, maxModels: 1, workers: 1 };
      const { best, candidates } = await findBestConfiguration(options);
      assert.equal(candidates[0].score, candidates[1].score);
      assert.deepEqual(best.models, [models[0]]);
    }
  });
});

Deno.test("findBestConfiguration() leaves nothing if label maps cannot be scored", async () => {
  await withTree(crossvalRuns[0], async ({ models, groundTruth }, root) => {
    const [{ name }] = [...Deno.readDirSync(groundTruth)];
    await Deno.writeTextFile(join(groundTruth, name), "damaged");
    const before = namesBelow(root);
    await assert.rejects(
      findBestConfiguration({ models, groundTruth, workers: 1 }),
      FailedCasesError,
    );
    assert.deepEqual(namesBelow(root).filter((path) => !before.includes(path)), []);
  });
});

function namesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? [path, ...namesBelow(path)] : [path];
  });
}
