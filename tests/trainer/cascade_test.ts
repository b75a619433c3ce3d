import assert from "node:assert/strict";
import { join } from "@std/path";
import { Plans } from "../../lib/plans.ts";
import { listLabelMaps } from "../../lib/preprocessing/label_map_storage.ts";
import { Trainer } from "../../lib/trainer.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import {
  eventsOf,
  final,
  fit,
  previousStageFolder,
  short,
  withCascade,
  writePreviousStage,
} from "./tiny_trainer.ts";

Deno.test("Trainer.fit() trains a cascade on its previous stage, and names the folds that it lacks", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 2 };
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  await writePreviousStage(plans, ["c0", "c1", "c3"]);
  // Folds of five cases: c0, c4, c3, c1, c2.
  await assert.rejects(fit(trainer), {
    message: `Cannot train 3d_cascade_fullres: found no 3d_lowres segmentations of 2 of 5 cases ` +
      `(c2, c4) in ${previousStageFolder(plans)}; ` +
      "train and validate folds 1, 4 of 3d_lowres first; " +
      "if that was done before 3d_cascade_fullres was preprocessed, validating again " +
      'with `new Trainer(plans, "3d_lowres", { fold }).validate()` is enough',
  });
  await writePreviousStage(plans, ["c2", "c4"]);
  await fit(trainer);
  const { networkWeights } = await final(trainer);
  const first = networkWeights.get("encoder.stages.0.0.convs.0.conv.weight")!;
  assert.equal(first.shape[1], 1 + 2);
});

Deno.test("Trainer.fit() writes the segmentations that a cascade's next stage needs", async () => {
  const plans = withCascade();
  const once = { epochs: 1, iterations: 1 };
  for (const fold of [0, 1, 2, 3, 4]) {
    await fit(new Trainer(plans, "3d_lowres", { ...short, ...once, fold }), { validation: {} });
  }
  const trainer = new Trainer(plans, "3d_cascade_fullres", { ...short, ...once });
  await fit(trainer, { validation: {} });
  assert.deepEqual(namesIn(join(trainer.folder, "validation")), ["c0.nii.gz", "summary.json"]);
});

Deno.test("Trainer warns of cases that a cascade's next stage lacks, and can validate again", async () => {
  const plans = withCascade();
  const { configurations } = plans.plansData;
  const cascade = { ...configurations["3d_cascade_fullres"]!, dataIdentifier: "later" };
  const unprepared = new Plans({
    ...plans,
    plansData: {
      ...plans.plansData,
      configurations: { ...configurations, "3d_cascade_fullres": cascade },
    },
  });
  const once = { ...short, epochs: 1, iterations: 1 };
  const trainer = new Trainer(unprepared, "3d_lowres", once);
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  await fit(trainer, { validation: {}, onWarning });
  assert.deepEqual(warnings, [
    "Writing no segmentations for 3d_cascade_fullres of 1 of 1 cases (c0), which " +
    `are not preprocessed completely in ${join(plans.folder, "later")}; preprocess them with ` +
    '`plans.preprocess(dataset, { configurations: ["3d_cascade_fullres"] })`, then validate ' +
    '3d_lowres again with `new Trainer(plans, "3d_lowres", { fold }).validate()`',
  ]);
  const logged = (await eventsOf(trainer)).filter(({ event }) => event === "warning");
  assert.deepEqual(logged.map(({ message }) => message), warnings);
  const [log] = namesIn(trainer.folder).filter((name) => name.endsWith(".txt"));
  const text = await Deno.readTextFile(join(trainer.folder, log));
  assert.ok(text.includes(`: WARNING: ${warnings[0]} \n`));
  assert.deepEqual(await listLabelMaps(previousStageFolder(plans)), []);

  await new Trainer(plans, "3d_lowres", once).validate({ onWarning });
  assert.equal(warnings.length, 1);
  assert.deepEqual(await listLabelMaps(previousStageFolder(plans)), ["c0"]);
});
