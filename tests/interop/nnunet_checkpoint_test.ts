import assert from "node:assert/strict";
import golden from "../golden/checkpoint.json" with { type: "json" };
import type { NdArray } from "../../lib/array/nd_array.ts";
import { toJson } from "../../lib/interop/json_value.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  type NnunetCheckpoint,
} from "../../lib/interop/nnunet_checkpoint.ts";
import type { SgdState } from "../../lib/interop/optimizer_state.ts";
import { type PythonValue, Tuple } from "../../lib/interop/python_values.ts";
import { readPyTorchFile, writePyTorchFile } from "../../lib/interop/pytorch_file.ts";

const goldenFile = await Deno.readFile(new URL("../golden/checkpoint.pth", import.meta.url));

type Described = Readonly<Record<string, { shape: number[]; elements: number[] }>>;
const arraysOf = (described: Described): [string, NdArray][] =>
  Object.entries(described).map(([name, { shape, elements }]) => [
    name,
    { shape, data: Float32Array.from(elements) },
  ]);

Deno.test("decodeCheckpoint() reads the weights and momentum that nnU-Net wrote", () => {
  const { networkWeights, optimizer } = decodeCheckpoint(goldenFile);
  assert.deepEqual([...networkWeights], arraysOf(golden.checkpoint.weights));
  const { momentumBuffers, ...hyperparameters } = optimizer as SgdState;
  assert.deepEqual([...momentumBuffers], arraysOf(golden.checkpoint.momentum));
  assert.ok(momentumBuffers.size < networkWeights.size, "an output layer had no gradient");
  assert.deepEqual(hyperparameters, {
    learningRate: 0.01,
    initialLearningRate: 0.01,
    momentum: 0.99,
    weightDecay: 3e-5,
    nesterov: true,
  });
});

Deno.test("decodeCheckpoint() reads everything else that nnU-Net wrote", () => {
  const { networkWeights: _weights, optimizer: _optimizer, ...rest } = decodeCheckpoint(goldenFile);
  assert.deepEqual(rest, {
    log: {
      meanForegroundDice: [0.25, 0.5],
      emaForegroundDice: [0.25, 0.275],
      dicePerClass: [[0.25], [NaN]],
      trainLosses: [0.5, Math.fround(-0.1)],
      valLosses: [0.25, Math.fround(-0.2)],
      learningRates: [0.01, 0.009],
      epochStart: [1700000000.5, 1700000100.25],
      epochEnd: [1700000050.5, 1700000150.25],
    },
    bestEma: 0.275,
    currentEpoch: 2,
    initArgs: {
      plans: { plans_name: "nnUNetPlans", transpose_forward: [0, 1, 2] },
      configuration: "2d",
      fold: 0,
      datasetJson: { labels: { background: 0, tumour: 1 } },
    },
    trainerName: "nnUNetTrainer",
    inferenceAllowedMirroringAxes: [0, 1],
  });
});

Deno.test("decodeCheckpoint() returns what encodeCheckpoint() wrote", () => {
  const checkpoint: NnunetCheckpoint = {
    ...decodeCheckpoint(goldenFile),
    bestEma: null,
    inferenceAllowedMirroringAxes: null,
    extraState: { random: [1, 2, 4294967295], name: "mersenne" },
  };
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(checkpoint)), checkpoint);
  const toPredict = { ...checkpoint, optimizer: null };
  assert.deepEqual(decodeCheckpoint(encodeCheckpoint(toPredict)), toPredict);
});

Deno.test("encodeCheckpoint() writes nnU-Net's keys in its order", () => {
  const keys = (
    file: Uint8Array<ArrayBuffer>,
  ) => [...(readPyTorchFile(file) as Map<string, PythonValue>).keys()];
  assert.deepEqual(keys(encodeCheckpoint(decodeCheckpoint(goldenFile))), keys(goldenFile));
});

Deno.test("encodeCheckpoint() rejects momentum without a parameter or of another shape", () => {
  const checkpoint = decodeCheckpoint(goldenFile);
  const withMomentum = (name: string) => ({
    ...checkpoint,
    optimizer: {
      ...checkpoint.optimizer!,
      momentumBuffers: new Map([[name, { shape: [1], data: new Float32Array(1) }]]),
    },
  });
  assert.throws(
    () => encodeCheckpoint(withMomentum("encoder.nothing")),
    /momentum of encoder\.nothing has shape \(1\), expected a parameter of that name/,
  );
  assert.throws(
    () => encodeCheckpoint(withMomentum("decoder.seg_layers.0.bias")),
    /has shape \(1\), expected \(2\)/,
  );
});

/** Returns the golden file with some top-level entries replaced; `undefined` removes one. */
function edited(changes: Record<string, PythonValue | undefined>): Uint8Array<ArrayBuffer> {
  const content = new Map(readPyTorchFile(goldenFile) as Map<PythonValue, PythonValue>);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) content.delete(key);
    else content.set(key, value);
  }
  return writePyTorchFile(content);
}

Deno.test("decodeCheckpoint() names entries that are missing or have the wrong type", () => {
  const decode = (changes: Record<string, PythonValue | undefined>) => () =>
    decodeCheckpoint(edited(changes));
  assert.throws(decode({ current_epoch: undefined }), /checkpoint: it has no "current_epoch"/);
  assert.throws(decode({ trainer_name: null }), /"trainer_name" is None, expected a text/);
  assert.throws(decode({ logging: {} }), /checkpoint's logging: it has no "mean_fg_dice"/);
  assert.throws(decode({ network_weights: { w: 1 } }), /weight w is number, expected a float32/);
  assert.throws(decode({ network_weights: new Map([[1, 2]]) }), /a key is not a string/);
  assert.throws(decode({ network_weights: {} }), /optimizer has 28 parameters, its network 0/);
  assert.throws(() => decodeCheckpoint(writePyTorchFile([])), /checkpoint: it is not a dictionary/);
});

Deno.test("decodeCheckpoint() returns Adam's state, with AMSGrad and without", () => {
  const checkpoint = decodeCheckpoint(goldenFile);
  const values = (value: number) =>
    new Map(
      Array.from(checkpoint.networkWeights, ([name, { shape, data }]) => [
        name,
        { shape, data: new Float32Array(data.length).fill(value) },
      ]),
    );
  const optimizer = {
    learningRate: 2e-4,
    initialLearningRate: 3e-4,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 3e-5,
    decoupled: true,
    steps: 250,
    means: values(1),
    squares: values(2),
  } as const;
  const again = (given: NnunetCheckpoint["optimizer"]) =>
    decodeCheckpoint(encodeCheckpoint({ ...checkpoint, optimizer: given })).optimizer;
  assert.deepEqual(again(optimizer), optimizer);
  const amsgrad = { ...optimizer, largestSquares: values(3) };
  assert.deepEqual(again(amsgrad), amsgrad);
});

Deno.test("decodeCheckpoint() reads weights with an unknown optimiser", () => {
  const adan = { state: {}, param_groups: [{ lr: 0.001, betas: [0.1, 0.2, 0.3], params: [0] }] };
  const { networkWeights, optimizer } = decodeCheckpoint(edited({ optimizer_state: adan }));
  assert.equal(optimizer, null);
  assert.equal(networkWeights.size, 28);
});

Deno.test("decodeCheckpoint() reads early files without mirroring axes as not mirrored", () => {
  const file = edited({ inference_allowed_mirroring_axes: undefined });
  assert.equal(decodeCheckpoint(file).inferenceAllowedMirroringAxes, null);
});

Deno.test("toJson() keeps shared values shared and does not reach prototypes", () => {
  let shared: unknown = 1;
  for (let level = 0; level < 90; level++) shared = [shared, shared];
  const [first, second] = toJson(shared, "plans") as unknown[];
  assert.equal(first, second);
  const json = toJson(new Map([["__proto__", 1]]), "plans") as object;
  assert.deepEqual(Object.keys(json), ["__proto__"]);
});

Deno.test("encodeCheckpoint() writes the states of PyTorch's GradScaler, SGD and Adam with all keys", () => {
  const checkpoint = decodeCheckpoint(goldenFile);
  const count = checkpoint.networkWeights.size;
  const written = (changes: Partial<NnunetCheckpoint>) =>
    readPyTorchFile(encodeCheckpoint({ ...checkpoint, ...changes })) as Map<string, PythonValue>;
  const groupOf = (optimizer: NnunetCheckpoint["optimizer"]) => {
    const state = written({ optimizer }).get("optimizer_state") as Map<string, PythonValue>;
    const [group] = state.get("param_groups") as Map<string, PythonValue>[];
    return Object.fromEntries(group);
  };
  const gradScaler = { scale: 1024, growthInterval: 2000, growthTracker: 7 };
  const scaler = written({ gradScaler }).get("grad_scaler_state") as Map<string, PythonValue>;
  assert.deepEqual(Object.fromEntries(scaler), {
    scale: 1024,
    growth_factor: 2,
    backoff_factor: 0.5,
    growth_interval: 2000,
    _growth_tracker: 7,
  });

  const rates = { learningRate: 0.005, initialLearningRate: 0.01 };
  const common = { lr: 0.005, maximize: false, foreach: null, differentiable: false, fused: null };
  const params = Array.from({ length: count }, (_, i) => i);
  assert.deepEqual(groupOf({ ...checkpoint.optimizer as SgdState, ...rates }), {
    ...common,
    momentum: 0.99,
    dampening: 0,
    weight_decay: 3e-5,
    nesterov: true,
    initial_lr: 0.01,
    params,
  });
  const adam = {
    ...rates,
    betas: [0.9, 0.999] as const,
    epsilon: 1e-8,
    weightDecay: 3e-5,
    decoupled: true,
    steps: 3,
    means: new Map(),
    squares: new Map(),
  };
  const { betas, ...group } = groupOf(adam);
  assert.ok(betas instanceof Tuple);
  assert.deepEqual([...betas], [0.9, 0.999]);
  assert.deepEqual(group, {
    ...common,
    eps: 1e-8,
    weight_decay: 3e-5,
    amsgrad: false,
    capturable: false,
    decoupled_weight_decay: true,
    initial_lr: 0.01,
    params,
  });
});

Deno.test("encodeCheckpoint() writes the mirroring axes as a tuple, as nnU-Net does", () => {
  const file = encodeCheckpoint(decodeCheckpoint(goldenFile));
  for (const bytes of [goldenFile, file]) {
    const axes = (readPyTorchFile(bytes) as Map<string, PythonValue>)
      .get("inference_allowed_mirroring_axes");
    assert.ok(axes instanceof Tuple);
    assert.deepEqual([...axes], [0, 1]);
  }
});
