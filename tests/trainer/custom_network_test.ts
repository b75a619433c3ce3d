/** Networks of the user's own: mistakes are reported at once, and what is trained can be opened. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { conv } from "../../lib/graph/operators.ts";
import { OpenModelError } from "../../lib/model/open_model_error.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { Predictor } from "../../lib/predictor.ts";
import type { NetworkFor } from "../../lib/training/training_options.ts";
import { Plans } from "../../lib/plans.ts";
import { crossEntropyLoss } from "../../lib/training/step/losses.ts";
import { tinyScan } from "../tiny_scans.ts";
import { fit, tinyPlans, tinyTrainer } from "./tiny_trainer.ts";

/** A single convolution. */
const single: NetworkFor = (_, { heads }) => (image, parameter) => [
  conv(
    image,
    parameter("head.weight", [heads, image.shape[1], 1, 1, 1], { heNormal: { slope: 0 } }),
  ),
];

/** The plan's network with a convolution before it. */
const extended: NetworkFor = ({ architecture }, options) => (image, parameter) =>
  networkOf(architecture, options)(
    conv(image, parameter("before.weight", [image.shape[1], image.shape[1], 1, 1, 1], 1)),
    parameter,
  );

Deno.test("Trainer() rejects a network that returns its input", () => {
  assert.throws(() => tinyTrainer({ network: () => (image) => [image] }), (error: Error) => {
    assert.match(error.message, /^Cannot build the network: output 0 is the network's input, exp/);
    return true;
  });
});

const networks = { "another network": single, "the plan's network and more": extended };
for (const [what, network] of Object.entries(networks)) {
  Deno.test(`Predictor.open() opens model.onnx of a fold trained with ${what}, and names it`, async () => {
    const trainer = tinyTrainer({ network, epochs: 1, iterations: 1, validationIterations: 1 });
    await fit(trainer);
    const file = join(trainer.folder, "model.onnx");
    const checkpoint = join(trainer.folder, "checkpoint_final.pth");
    for (const path of [trainer.modelFolder, trainer.folder, checkpoint]) {
      await assert.rejects(Predictor.open(path), (error: Error) => {
        assert.ok(error instanceof OpenModelError);
        assert.ok(
          error.message.endsWith(`; a fold trained with a custom network opens as ${file}`),
        );
        return true;
      });
    }
    using predictor = await Predictor.open(file, { threads: 1, device: "cpu" });
    const { image } = tinyScan(3);
    const { data } = await predictor.predict(image);
    assert.equal(data.length, image.data.length);
  });
}

/** Three outputs, each of half the resolution of the one before. */
const three: NetworkFor = (_, { heads, deepSupervision }) => (image, parameter) => {
  const output = (stride: number) =>
    conv(
      image,
      parameter(`head${stride}.weight`, [heads, image.shape[1], 1, 1, 1], {
        heNormal: { slope: 0 },
      }),
      undefined,
      { strides: [stride, stride, stride] },
    );
  return deepSupervision ? [output(1), output(2), output(4)] : [output(1)];
};

for (const deepSupervision of [true, false]) {
  for (const batchDice of [true, false]) {
    Deno.test(`Trainer.fit() gives the loss ${JSON.stringify({ deepSupervision, batchDice })}`, async () => {
      const seen: [batchDice: boolean, size: number][] = [];
      const { plansData, ...plans } = tinyPlans();
      const configuration = { ...plansData.configurations["3d_fullres"]!, batchDice };
      const trainer = tinyTrainer(
        {
          network: three,
          deepSupervision,
          epochs: 1,
          iterations: 1,
          validationIterations: 1,
          loss: (heads, options) => (logits, target) => {
            seen.push([options.batchDice, logits.shape[4]]);
            return crossEntropyLoss(heads)(logits, target);
          },
        },
        new Plans({
          ...plans,
          plansData: { ...plansData, configurations: { "3d_fullres": configuration } },
        }),
      );
      await fit(trainer);
      const width = configuration.patchSize[2];
      const sizes = [...new Set(seen.map(([, size]) => size))];
      // The lowest resolution has weight 0.
      assert.deepEqual(sizes, deepSupervision ? [width, width / 2] : [width]);
      assert.deepEqual([...new Set(seen.map(([given]) => given))], [batchDice]);
    });
  }
}
