import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Shape } from "../../lib/array/nd_array.ts";
import { readPlans } from "../../lib/files/plans_file.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { primus } from "../../lib/network/primus.ts";
import { Plans } from "../../lib/plans.ts";
import { Predictor } from "../../lib/predictor.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { NetworkFor, TrainerOptions } from "../../lib/training/training_options.ts";
import { trainerNames } from "../../lib/training/trainer_variants.ts";
import { tinyScan, tinyShape } from "../tiny_scans.ts";
import { abortWhen, final, fit, latest, short, tinyPlans } from "./tiny_trainer.ts";

/** Returns plans whose patches have another size. */
function withPatch(patchSize: Shape): Plans {
  const plans = tinyPlans();
  const fullres = { ...plans.plansData.configurations["3d_fullres"]!, patchSize };
  return new Plans({
    ...plans,
    plansData: { ...plans.plansData, configurations: { "3d_fullres": fullres } },
  });
}

const trainer = "nnUNet_Primus_S_Trainer";

/** Primus with thousands of parameters instead of millions; the last block is often dropped. */
const tiny: NetworkFor = (_, { heads }) =>
  primus({ heads, features: 24, depth: 3, attentionHeads: 2, dropPathRate: 0.5 });

const train = (plans: Plans, options: TrainerOptions = {}) =>
  new Trainer(plans, "3d_fullres", { ...short, trainer, network: tiny, ...options });

Deno.test("Trainer.fit() drops the same parts of Primus after an interruption", async () => {
  const uninterrupted = train(withPatch([16, 16, 16]));
  await fit(uninterrupted);
  const interrupted = train(withPatch([16, 16, 16]));
  const { options } = abortWhen(({ epoch, iteration }) => epoch === 1 && iteration === 2);
  await assert.rejects(fit(interrupted, options), { message: "Enough" });
  await fit(train(interrupted.plans), { resume: true });
  const [expected, found] = [await final(uninterrupted), await final(interrupted)];
  assert.deepEqual(found.log.trainLosses, expected.log.trainLosses);
  assert.deepEqual(found.networkWeights, expected.networkWeights);
  assert.deepEqual(found.optimizer, expected.optimizer);

  // Another probability gives other losses, so that the comparison is not of nothing.
  const other = train(withPatch([16, 16, 16]), {
    network: (_, { heads }) =>
      primus({ heads, features: 24, depth: 3, attentionHeads: 2, dropPathRate: 0 }),
  });
  await fit(other);
  assert.notDeepEqual((await final(other)).log.trainLosses, expected.log.trainLosses);
});

Deno.test("Trainer trains Primus with AdamW and a linear rise, as upstream", async () => {
  const trainer = train(withPatch([16, 16, 16]), { epochs: 60, iterations: 1 });
  const { options } = abortWhen(({ epoch }) => epoch === 1);
  await assert.rejects(fit(trainer, options), { message: "Enough" });
  const { optimizer, log, trainerName } = await latest(trainer);
  assert.equal(trainerName, "nnUNet_Primus_S_Trainer");
  assert.ok(optimizer && "betas" in optimizer && "decoupled" in optimizer);
  const { betas, weightDecay, decoupled, epsilon } = optimizer;
  assert.deepEqual({ betas, weightDecay, decoupled, epsilon }, {
    betas: [0.9, 0.98],
    weightDecay: 0.05,
    decoupled: true,
    epsilon: 1e-8,
  });
  // Of epoch 0, of the fifty that the rate rises for.
  assert.deepEqual(log.learningRates, [3e-4 / 50]);
});

Deno.test("a model of nnUNet_Primus_S_Trainer is trained and predicts", async () => {
  const model = new Trainer(withPatch([16, 16, 16]), "3d_fullres", {
    ...short,
    trainer,
    epochs: 1,
    iterations: 1,
    validationIterations: 1,
  });
  await fit(model);
  const { networkWeights } = await final(model);
  const count = networkWeights.values().reduce((sum, { data }) => sum + data.length, 0);
  // PrimusS for three heads and 8 tokens.
  assert.equal(networkWeights.get("eva.pos_embed")!.shape.join(), "1,8,396");
  assert.ok(count > 23e6 && count < 24e6, `${count} weights`);
  using predictor = await Predictor.open(model.modelFolder, { mirroring: false, threads: 1 });
  const { image } = tinyScan(3);
  const { data } = await predictor.predict(image);
  assert.equal(data.length, tinyShape[0] * tinyShape[1] * tinyShape[2]);
});

Deno.test("Trainer says before it trains that Primus cannot use a patch", () => {
  const options = { ...short, trainer };
  assert.throws(() => new Trainer(withPatch([12, 16, 16]), "3d_fullres", options), {
    name: "RangeError",
    message: "Cannot build Primus: the patch has 12 × 16 × 16 voxels, expected multiples of 8; " +
      "change patch_size in the plans, for example to [16, 16, 16]",
  });
  assert.throws(() => new Trainer(withPatch([16, 16]), "3d_fullres", options), {
    message: "Cannot build Primus: the patch has 2 axes, expected 3; it exists in 3D only",
  });
});

Deno.test("Trainer changes batch and patch as upstream's trainers of Primus do", async () => {
  const sizesOf = (trainer: string) => {
    const made = new Trainer(withPatch([16, 16, 16]), "3d_fullres", { ...short, trainer });
    const { batchSize, patchSize } = made.configuration;
    assert.deepEqual(made.plans.configuration("3d_fullres"), made.configuration);
    return [batchSize, ...patchSize];
  };
  const [planned] = sizesOf("nnUNet_Primus_S_Trainer");
  assert.notEqual(planned, 8);
  assert.deepEqual(sizesOf("nnUNet_Trainer_BS8"), [8, 16, 16, 16]);
  assert.deepEqual(sizesOf("nnUNet_Primus_M_Trainer_BS8"), [8, 16, 16, 16]);
  assert.deepEqual(sizesOf("nnUNet_Primus_M_Trainer_BS8_2e4"), [8, 16, 16, 16]);
  assert.deepEqual(sizesOf("_Primus_S_96_BS1"), [1, 96, 96, 96]);
  assert.deepEqual(sizesOf("_Primus_L_48_BS1"), [1, 48, 48, 48]);

  // The model's folder has the plans that were trained with.
  const trained = train(withPatch([8, 8, 8]), {
    trainer: "nnUNet_Trainer_BS8",
    network: ({ architecture }, given) => networkOf(architecture, given),
    epochs: 1,
    iterations: 1,
    validationIterations: 1,
  });
  await fit(trained);
  const plans = await readPlans(join(trained.modelFolder, "plans.json"));
  assert.equal(plans.configurations["3d_fullres"]!.batchSize, 8);
});

Deno.test("every trainer of Primus that upstream has is known", () => {
  assert.deepEqual(trainerNames.filter((name) => /Primus|BS8/.test(name)).sort(), [
    "_Primus_B_96_BS1",
    "_Primus_L_48_BS1",
    "_Primus_M_96_BS1",
    "_Primus_S_96_BS1",
    "nnUNet_PrimusV2B_Trainer",
    "nnUNet_PrimusV2L_Trainer",
    "nnUNet_PrimusV2M_Trainer",
    "nnUNet_PrimusV2S_Trainer",
    "nnUNet_PrimusV3B_Trainer",
    "nnUNet_PrimusV3L_Trainer",
    "nnUNet_PrimusV3M_Trainer",
    "nnUNet_PrimusV3S_Trainer",
    "nnUNet_Primus_B_Trainer",
    "nnUNet_Primus_L_Trainer",
    "nnUNet_Primus_M_Trainer",
    "nnUNet_Primus_M_Trainer_BS8",
    "nnUNet_Primus_M_Trainer_BS8_2e4",
    "nnUNet_Primus_S_Trainer",
    "nnUNet_Trainer_BS8",
  ]);
});
