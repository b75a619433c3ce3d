/**
 * What every device has to compute as the CPU does. `provider_contract_test.ts` runs it in a process
 * of its own, since a provider may end the process that it fails in.
 *
 * Prints a line of JSON a case, {@link Agreement}, and before it the case's name.
 */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { gradients } from "../../lib/autodiff/backward.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph, type Value } from "../../lib/graph/graph.ts";
import * as o from "../../lib/graph/operators.ts";
import { DeviceWindow } from "../../lib/inference/device_window.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { lowerFor } from "../../lib/lowering/for_device.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import { diceAndCrossEntropy } from "../../lib/training/losses.ts";
import { StepRunner } from "../../lib/training/step_runner.ts";
import { tinyInferenceModel } from "../inference/tiny_inference_model.ts";
import { counting, operatorCases } from "../graph/operator_cases.ts";

/** How far a device's results are from the CPU's. */
export interface Agreement {
  readonly name: string;
  /** Largest difference as a share of the largest value. */
  readonly error: number;
}

type Results = readonly HostTensor[];

/** A computation on a device. */
type Case = (device: Device) => Promise<Results>;

async function run(
  device: Device,
  build: (input: Parameters<(typeof operatorCases)["neg"][0]>[0]) => Value | Value[],
  fill: (shape: readonly number[]) => Float32Array<ArrayBuffer> | undefined = () => undefined,
): Promise<Results> {
  const graph = new Graph();
  const feeds: Record<string, HostTensor> = {};
  const outputs = [build((shape, type = "float32") => {
    const name = `x${graph.inputs.length}`;
    const data = type === "float32" ? fill(shape) : undefined;
    feeds[name] = data ? { type, shape, data } : counting(type, shape);
    return graph.input(name, type, shape);
  })].flat();
  outputs.forEach((output, i) => graph.output(`y${i}`, output));
  const session = await Session.create(encodeModel(lowerFor(device, graph)), {
    device,
    threads: 1,
  });
  try {
    const results = await session.run(feeds);
    return outputs.map((_, i) => results[`y${i}`]);
  } finally {
    await session.release();
  }
}

/** Values and all gradients of a function. */
function differentiated(shapes: number[][], build: (...values: Value[]) => Value): Case {
  const generator = createGenerator(3);
  const data = shapes.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => generator.normal())
  );
  return (device) => {
    let next = 0;
    return run(device, (input) => {
      const values = shapes.map((shape) => input(shape));
      const y = build(...values);
      // Weighted, so that gradients differ from place to place.
      const weights = Float32Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.sin(i));
      const loss = o.reduceSum(o.mul(y, y.graph.constant("float32", y.shape, weights)));
      return [y, ...gradients(loss, values)];
    }, () => data[next++ % data.length].slice());
  };
}

const pads = (n: number) => ({ pads: new Array<number>(6).fill(n) });

const derivatives: Record<string, Case> = {
  "conv 3×3×3": differentiated(
    [[2, 3, 4, 6, 5], [4, 3, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, pads(1)),
  ),
  "conv 3×3×3, stride 2": differentiated(
    [[2, 3, 4, 6, 6], [4, 3, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, { ...pads(1), strides: [2, 2, 2] }),
  ),
  "conv 3×3×3, stride 1, 2, 2, odd size": differentiated(
    [[1, 2, 3, 7, 5], [3, 2, 3, 3, 3]],
    (x, w) => o.conv(x, w, null, { ...pads(1), strides: [1, 2, 2] }),
  ),
  "conv 1×3×3": differentiated(
    [[1, 2, 3, 6, 5], [3, 2, 1, 3, 3], [3]],
    (x, w, b) => o.conv(x, w, b, { pads: [0, 1, 1, 0, 1, 1] }),
  ),
  "conv 1×1×1": differentiated(
    [[2, 3, 4, 3, 2], [5, 3, 1, 1, 1], [5]],
    (x, w, b) => o.conv(x, w, b),
  ),
  "conv 2×2×2, stride 2": differentiated(
    [[2, 3, 4, 6, 2], [5, 3, 2, 2, 2], [5]],
    (x, w, b) => o.conv(x, w, b, { strides: [2, 2, 2] }),
  ),
  "conv 3×3×3, dilation 2": differentiated(
    [[1, 2, 6, 7, 5], [3, 2, 3, 3, 3]],
    (x, w) => o.conv(x, w, null, { ...pads(2), dilations: [2, 2, 2] }),
  ),
  "conv 3×3, stride 2": differentiated(
    [[2, 3, 8, 6], [4, 3, 3, 3], [4]],
    (x, w, b) => o.conv(x, w, b, { pads: [1, 1, 1, 1], strides: [2, 2] }),
  ),
  "transposed conv 2×2×2": differentiated(
    [[2, 3, 2, 3, 4], [3, 4, 2, 2, 2], [4]],
    (x, w, b) => o.convTranspose(x, w, b, { strides: [2, 2, 2] }),
  ),
  "transposed conv 1×2×2": differentiated(
    [[2, 3, 2, 3, 4], [3, 4, 1, 2, 2], [4]],
    (x, w, b) => o.convTranspose(x, w, b, { strides: [1, 2, 2] }),
  ),
  "transposed conv 3×3×3, stride 2": differentiated(
    [[1, 3, 2, 3, 4], [3, 2, 3, 3, 3]],
    (x, w) => o.convTranspose(x, w, null, { strides: [2, 2, 2], ...pads(1) }),
  ),
  "instance norm": differentiated(
    [[2, 3, 4, 5, 6], [3], [3]],
    (x, scale, bias) => o.instanceNorm(x, scale, bias, 1e-5),
  ),
  "leaky ReLU": differentiated([[2, 3, 4]], (x) => o.leakyRelu(x, 0.01)),
  "average pool": differentiated([[2, 3, 4, 6, 2]], (x) => o.averagePool(x, [2, 2, 2])),
  "log-softmax": differentiated([[2, 3, 4, 5]], (x) => o.logSoftmax(x, 1)),
  "long sums": differentiated(
    [[2, 300, 400]],
    (x) => o.add(o.reduceSum(o.mul(x, x)), o.reduceSum(o.reduceMean(x, [1, 2]))),
  ),
};

const dimensionNets = {
  "3d": { patch: [8, 8, 8], kernel: [3, 3, 3], stride: [2, 2, 2] },
  "3d anisotropic": { patch: [4, 12, 8], kernel: [1, 3, 3], stride: [1, 2, 2] },
  "2d": { patch: [16, 8], kernel: [3, 3], stride: [2, 2] },
} as const;

const targets = { heads: 3 };

/** Some steps of a small net, and its validation. */
function training(which: keyof typeof dimensionNets, className: string): Case {
  const { patch, kernel, stride } = dimensionNets[which];
  return async (device) => {
    const runner = await StepRunner.start({
      network: networkOf({
        networkClassName: className,
        dimensions: patch.length as 2 | 3,
        featuresPerStage: [4, 6],
        kernelSizes: [kernel, patch.map(() => 3)],
        strides: [patch.map(() => 1), stride],
        convsPerStage: [1, 2],
        convsPerStageDecoder: [1],
      }, { ...targets, deepSupervision: true }),
      loss: diceAndCrossEntropy(targets, { batchDice: patch.length === 2 }),
      targets,
      imageShape: [2, 1, ...patch],
      threads: 1,
      device,
    }, (parameters) => ({ weights: initialWeights(parameters, createGenerator(0)) }));
    try {
      const generator = createGenerator(1);
      const voxels = 2 * sizeOf(patch);
      let batch = {
        data: Float32Array.from({ length: voxels }, () => generator.normal()),
        target: Uint8Array.from({ length: voxels }, () => Math.floor(3 * generator.uniform())),
        caseNames: [],
        shape: { batchSize: 2, channels: 1, patchSize: patch },
      };
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) {
        const result = await runner.train(batch, 0.01);
        losses.push(result.loss);
        batch = result.batch as typeof batch;
      }
      const { step } = await runner.validate(batch);
      const { weights, momentum } = await runner.state();
      return [
        vector(losses),
        vector(weights),
        vector(momentum),
        vector([step.loss]),
        vector([...step.truePositives, ...step.falsePositives, ...step.falseNegatives]),
      ];
    } finally {
      runner.close();
    }
  };
}

function vector(values: Iterable<number>): HostTensor {
  const data = Float32Array.from(values);
  return { type: "float32", shape: [data.length], data };
}

/** A volume, tile by tile. */
const prediction: Case = async (device) => {
  const options = { tileSize: [4, 8, 8], heads: 3, channels: 1 };
  const window = await DeviceWindow.open([tinyInferenceModel(options)], {
    ...options,
    device,
    mirrorAxes: [0, 2],
    threads: 1,
  });
  const generator = createGenerator(2);
  const data = Float32Array.from({ length: 6 * 11 * 9 }, () => generator.normal());
  const { data: logits } = await window.run({ shape: [1, 6, 11, 9], data });
  await window.close();
  return [vector(logits)];
};

/** An image on another grid. */
const resampling: Case = async (device) => {
  const generator = createGenerator(4);
  const data = Float32Array.from({ length: 6 * 11 * 9 }, () => generator.normal());
  const image = { shape: [1, 6, 11, 9], data };
  const resampled = await resampleImage(image, [9, 8, 14], [1, 1, 1], [0.7, 1.4, 0.6], { device });
  return [vector(resampled.data)];
};

const cases: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(operatorCases).flatMap(([name, builds]) =>
      // Only the CPU's lowering of instance normalisation makes one in training mode.
      name === "batchNormTraining"
        ? []
        : builds.map((build, i) =>
          [`${name}(), use ${i + 1}`, (device: Device) => run(device, build)] as const
        )
    ),
  ),
  ...derivatives,
  "training, plain, 3d anisotropic": training("3d anisotropic", "PlainConvUNet"),
  prediction,
  resampling,
  "training, plain, 2d": training("2d", "PlainConvUNet"),
  "training, residual, 3d": training("3d", "ResidualEncoderUNet"),
};

/** Largest difference as a share of the largest value, over all results. */
function worstError(expected: Results, found: Results): number {
  return Math.max(...expected.map(({ data, shape }, i) => {
    if (`${shape}` !== `${found[i].shape}`) return Infinity;
    const values = Array.from(data, Number);
    const others = Array.from(found[i].data, Number);
    const scale = values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-6);
    return values.reduce((worst, v, j) => Math.max(worst, Math.abs(v - others[j])), 0) / scale;
  }));
}

if (import.meta.main) {
  const [device, only] = Deno.args as [Device, string?];
  for (const [name, compute] of Object.entries(cases)) {
    if (only && !name.includes(only)) continue;
    console.log(name);
    const error = worstError(await compute("cpu"), await compute(device));
    console.log(JSON.stringify({ name, error: Number.isNaN(error) ? "NaN" : error }));
  }
  Deno.exit(0);
}
