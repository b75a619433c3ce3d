import assert from "node:assert/strict";
import fc from "fast-check";
import type { Fold } from "../../lib/dataset/splits.ts";
import { foldersIn } from "../../lib/files/folders.ts";
import {
  type PlannedConfiguration,
  type Stages,
  stagesOf,
  type StagesRequest,
} from "../../lib/launch/stages.ts";

const request: StagesRequest = {
  id: 4,
  dataset: "Dataset004_Hippocampus",
  folders: foldersIn("/data"),
  plansName: "nnUNetPlans",
  trainer: "nnUNetTrainer",
  folds: [0, 1, 2, 3, 4],
  splits: 5,
  trainArguments: [],
};
const flat: PlannedConfiguration[] = [{ name: "2d" }, { name: "3d_fullres" }];
const cascade: PlannedConfiguration[] = [
  ...flat,
  { name: "3d_lowres" },
  { name: "3d_cascade_fullres", previousStage: "3d_lowres" },
];

function jobNames({ stages }: Stages): string[] {
  return stages.flatMap(({ jobs }) => jobs.map(({ name }) => name));
}

Deno.test("stagesOf() prepares, trains every fold, compares and predicts", () => {
  const found = stagesOf({
    ...request,
    planned: flat,
    folds: [0, 2],
    trainArguments: ["--epochs", "10"],
    predict: { input: "/scans", output: "/labels" },
  });
  assert.deepEqual(
    found.stages.map(({ name, needs, computes }) => ({ name, needs, computes })),
    [
      { name: "prepare", needs: [], computes: false },
      { name: "train_2d", needs: ["prepare"], computes: true },
      { name: "train_3d_fullres", needs: ["prepare"], computes: true },
      { name: "best", needs: ["train_2d", "train_3d_fullres"], computes: false },
      { name: "predict", needs: ["best"], computes: true },
    ],
  );
  assert.deepEqual(
    jobNames(found),
    [
      "prepare",
      "train_2d_0",
      "train_2d_2",
      "train_3d_fullres_0",
      "train_3d_fullres_2",
      "best",
      "predict",
    ],
  );
  assert.equal(
    found.stages[1].jobs[1].args.join(" "),
    "train 4 2d 2 -p nnUNetPlans -tr nnUNetTrainer --c --npz --epochs 10",
  );
  assert.deepEqual(found.leftOut, [
    { what: "3d_lowres", why: "not in nnUNetPlans" },
    { what: "3d_cascade_fullres", why: "not in nnUNetPlans" },
  ]);
});

Deno.test("stagesOf() trains all folds of a cascade's first stage, also if neither was named", () => {
  const found = stagesOf({
    ...request,
    planned: cascade,
    configurations: ["3d_cascade_fullres"],
    folds: [1],
  });
  assert.deepEqual(jobNames(found).filter((name) => name.startsWith("train")), [
    ...[0, 1, 2, 3, 4].map((fold) => `train_3d_lowres_${fold}`),
    "train_3d_cascade_fullres_1",
  ]);
  assert.equal(found.added.length, 2);
});

Deno.test("stagesOf() plans a data set that has no plans, and asks each job whether it is planned", () => {
  const found = stagesOf({ ...request, planner: "nnUNetPlannerResEncL" });
  assert.match(
    found.stages[0].jobs[0].args.join(" "),
    /^plan_and_preprocess -d 4 -pl nnUNetPlannerResEncL /,
  );
  assert.deepEqual(
    found.stages.flatMap(({ onlyIfPlanned }) => onlyIfPlanned ?? []),
    ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres"],
  );
});

Deno.test("stagesOf() compares nothing if all folds are trained on all cases", () => {
  const predict = { input: "/scans", output: "/labels" };
  const one = stagesOf({
    ...request,
    planned: flat,
    folds: ["all"],
    configurations: ["2d"],
    predict,
  });
  assert.deepEqual(one.stages.map(({ name }) => name), ["prepare", "train_2d", "predict"]);
  assert.match(one.stages[2].jobs[0].args.join(" "), /^predict -d 4 .* -c 2d -f all /);
  const two = stagesOf({ ...request, planned: flat, folds: ["all"], predict });
  assert.deepEqual(two.leftOut.map(({ what }) => what).slice(-2), [
    "the best configuration",
    "segmenting /scans",
  ]);
});

Deno.test("stagesOf() refuses configurations of which the plans have none", () => {
  assert.throws(
    () => stagesOf({ ...request, planned: flat, configurations: ["3d_lowres"] }),
    /^RangeError: Cannot launch 3d_lowres: nnUNetPlans has 2d, 3d_fullres$/,
  );
  assert.throws(() => stagesOf({ ...request, folds: [] }), /no fold, expected at least one/);
});

Deno.test("no stage comes before one that it needs, and none needs one that is missing", () => {
  const names = ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres", "mine"];
  const planned = [...cascade, { name: "mine", previousStage: "3d_fullres" }];
  const fold = fc.oneof(fc.nat(7), fc.constant<Fold>("all"));
  fc.assert(fc.property(
    fc.record({
      configurations: fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }), {
        nil: undefined,
      }),
      folds: fc.array(fold, { minLength: 1, maxLength: 8 }),
      splits: fc.integer({ min: 1, max: 7 }),
      planned: fc.constantFrom(undefined, planned),
      predict: fc.constantFrom(undefined, { input: "/scans", output: "/labels" }),
    }),
    (random) => {
      const found = stagesOf({ ...request, ...random });
      const seen = new Set<string>();
      for (const { name, needs } of found.stages) {
        for (const need of needs) assert.ok(seen.has(need), `${name} comes before ${need}`);
        assert.ok(!seen.has(name), `${name} is there twice`);
        seen.add(name);
      }
      const jobs = jobNames(found);
      assert.equal(new Set(jobs).size, jobs.length);
      // A second stage has the first one's segmentations of all cases.
      for (const { name, previousStage } of random.planned ?? cascade) {
        const refined = found.stages.find((stage) => stage.name === `train_${previousStage}`);
        if (!refined || !seen.has(`train_${name}`)) continue;
        const folds = refined.jobs.map(({ training }) => training!.fold);
        const isWhole = folds.includes("all") ||
          Array.from({ length: random.splits }, (_, fold) => fold).every((f) => folds.includes(f));
        assert.ok(isWhole, `${previousStage} lacks folds for ${name}`);
      }
    },
  ));
});
