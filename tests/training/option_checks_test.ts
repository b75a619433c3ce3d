import assert from "node:assert/strict";
import { requireTrainable } from "../../lib/training/option_checks.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";

const invalid: [TrainerOptions, string][] = [
  [{ loss: 5 as never }, "loss is 5, expected a function"],
  [{ schedule: "slow" as never }, 'schedule is "slow", expected a function'],
  [{ network: {} as never }, "network is {}, expected a function"],
  [{ fold: "0" as never }, 'fold is "0", expected 0, 1, 2, … or "all"'],
  [{ fold: 1.5 }, 'fold is 1.5, expected 0, 1, 2, … or "all"'],
  [{ device: "gpu" as never }, 'device is "gpu", expected "auto" or "cpu" or "webgpu" or "cuda"'],
  [{ sgd: { momentum: 2 } }, "sgd.momentum is 2, expected a number from 0 to below 1"],
  [
    { adam: { betas: [0.9] as never } },
    "adam.betas is [0.9], expected 2 numbers from 0 to below 1",
  ],
  [
    { adan: { maxGradientNorm: 0 } },
    "adan.maxGradientNorm is 0, expected a number above 0, or Infinity",
  ],
  [{ epochs: 0 }, "epochs is 0, expected an integer of at least 1"],
  [{ iterations: 1.5 }, "iterations is 1.5, expected an integer of at least 1"],
  [{ validationIterations: -1 }, "validationIterations is -1, expected an integer of at least 1"],
  [{ patience: 0 }, "patience is 0, expected an integer of at least 1"],
  [{ patience: NaN }, "patience is NaN, expected an integer of at least 1"],
  [{ loaders: 0 }, "loaders is 0, expected an integer of at least 1"],
  [{ threads: 0 }, "threads is 0, expected an integer of at least 1"],
  [{ seed: -1 }, "seed is -1, expected an integer of at least 0"],
  [{ learningRate: -1 }, "learningRate is -1, expected a number above 0"],
  [{ learningRate: Infinity }, "learningRate is Infinity, expected a number above 0"],
  [{ timeBudget: -5 }, "timeBudget is -5, expected a number above 0"],
  [{ timeBudget: NaN }, "timeBudget is NaN, expected a number above 0"],
  [
    { mirrorAxes: [5] },
    "mirrorAxes is [5], expected axes of the patch, from 0 to 2, each at most once",
  ],
  [
    { mirrorAxes: [1, 1] },
    "mirrorAxes is [1,1], expected axes of the patch, from 0 to 2, each at most once",
  ],
  [{ oversampling: { share: 2 } }, "oversampling.share is 2, expected a number from 0 to 1"],
  [
    { precision: "half" as "mixed" },
    'precision is "half", expected "auto" or "float32" or "mixed"',
  ],
];

for (const [options, message] of invalid) {
  Deno.test(`requireTrainable() says that ${message}`, () => {
    assert.throws(() => requireTrainable(options, 3), {
      name: "RangeError",
      message: `Cannot train: ${message}`,
    });
  });
}

Deno.test("requireTrainable() accepts valid and omitted options", () => {
  requireTrainable({}, 2);
  requireTrainable({ patience: undefined, mirrorAxes: [] }, 2);
  requireTrainable({ fold: "all", device: "cpu", sgd: { maxGradientNorm: Infinity } }, 3);
  requireTrainable({ mirrorAxes: [2, 0], timeBudget: 0.5, oversampling: { share: 0 } }, 3);
  assert.throws(() => requireTrainable({ mirrorAxes: [2] }, 2), /from 0 to 1/);
});

const misspelled: [object, string][] = [
  [{ epoch: 5 }, '"epoch"; did you mean "epochs"?'],
  [{ mirror_axes: [] }, '"mirror_axes"; did you mean "mirrorAxes"?'],
  [{ sgd: { momentun: 0.9 } }, '"sgd.momentun"; did you mean "sgd.momentum"?'],
  [{ adam: { beta: [0.9, 0.99] } }, '"adam.beta"; did you mean "adam.betas"?'],
  [{ augmentation: { sheme: "DA5" } }, '"augmentation.sheme"; did you mean "augmentation.scheme"?'],
  [{ oversampling: { shares: 1 } }, '"oversampling.shares"; did you mean "oversampling.share"?'],
];

for (const [options, message] of misspelled) {
  Deno.test(`requireTrainable() reports the unknown option ${message}`, () => {
    assert.throws(() => requireTrainable(options as TrainerOptions, 3), {
      name: "TypeError",
      message: `Cannot train: unknown option ${message}`,
    });
  });
}

Deno.test("requireTrainable() rejects transforms that are neither a list nor a pipeline", () => {
  for (const transforms of [{}, { pipeline: 3 }]) {
    assert.throws(
      () => requireTrainable({ transforms: transforms as never }, 3),
      /^TypeError: Cannot train: transforms is .*, expected a list of transforms, or a list as its/,
    );
  }
  assert.throws(
    () => requireTrainable({ transforms: { append: [] } as never }, 3),
    /^TypeError: Cannot train: unknown option "transforms\.append"/,
  );
});
