import assert from "node:assert/strict";
import { join } from "@std/path";
import { readSummary } from "../../lib/files/summary_file.ts";
import { namesIn } from "../dataset/sample_folders.ts";
import { eventsOf, fit, tinyTrainer } from "./tiny_trainer.ts";

Deno.test("Trainer.fit() validates the fold's cases, and validate() repeats it", async () => {
  const trainer = tinyTrainer({ epochs: 1, iterations: 1 });
  const shares: number[] = [];
  await fit(trainer, {
    validation: { saveProbabilities: true },
    onValidation: ({ share }) => shares.push(share),
  });
  const validation = join(trainer.folder, "validation");
  assert.deepEqual(namesIn(validation), ["c0.nii.gz", "c0.npz", "c0.pkl", "summary.json"]);
  assert.equal(shares.at(-1), 1);
  const { event, mean_fg_dice } = (await eventsOf(trainer)).at(-1)!;
  const summary = await readSummary(join(validation, "summary.json"));
  assert.equal(event, "validation");
  assert.equal(mean_fg_dice, summary.foregroundMean.dice);

  await Deno.remove(validation, { recursive: true });
  const again = tinyTrainer({}, trainer.plans);
  assert.deepEqual(await again.validate(), summary);
  assert.deepEqual(namesIn(validation), ["c0.nii.gz", "summary.json"]);
  await assert.rejects(tinyTrainer({ fold: 1 }, trainer.plans).validate(), /checkpoint_final.pth/);
});
