/**
 * Compares a device's results with the CPU's. `provider_contract_test.ts` runs this in a separate
 * process, since a failing provider may crash it.
 *
 * Prints each case's name and then its {@link Agreement} as a line of JSON.
 */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { lowerFor } from "../../lib/lowering/for_device.ts";
import { initialWeights } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { findDevice } from "../../lib/runtime/find_devices.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import { diceAndCrossEntropy } from "../../lib/training/step/losses.ts";
import { StepRunner } from "../../lib/training/step/step_runner.ts";
import { type Build, counting, operatorCases } from "../graph/operator_cases.ts";
import { derivativeCases, differentiate } from "../lowering/derivative_cases.ts";

/** How much a device's results differ from the CPU's. */
export interface Agreement {
  readonly name: string;
  /** Largest difference, relative to the largest value. */
  readonly error: number;
  /** The same for every result. */
  readonly errors: readonly number[];
  /** Tolerance: sums are in another order, and half precision rounds. */
  readonly tolerance: number;
}

type Results = readonly HostTensor[];

/** A computation on a device. */
type Case = (device: Device) => Promise<Results>;

async function run(
  device: Device,
  graph: Graph,
  feeds: Readonly<Record<string, HostTensor>>,
): Promise<Results> {
  const session = await Session.create(encodeModel(lowerFor(device, graph)), {
    device,
    threads: 1,
  });
  try {
    const results = await session.run(feeds);
    return [...graph.outputs.keys()].map((name) => results[name]);
  } finally {
    await session.release();
  }
}

/** An operator with counting numbers as inputs. */
function used(build: Build): Case {
  return (device) => {
    const graph = new Graph();
    const feeds: Record<string, HostTensor> = {};
    const outputs = [build((shape, type = "float32") => {
      const name = `x${graph.inputs.length}`;
      feeds[name] = counting(type, shape);
      return graph.input(name, type, shape);
    })].flat();
    outputs.forEach((output, i) => graph.output(`y${i}`, output));
    return run(device, graph, feeds);
  };
}

const dimensionNets = {
  "3d": { patch: [8, 8, 8], kernel: [3, 3, 3], stride: [2, 2, 2] },
  "3d anisotropic": { patch: [4, 12, 8], kernel: [1, 3, 3], stride: [1, 2, 2] },
  "2d": { patch: [16, 8], kernel: [3, 3], stride: [2, 2] },
} as const;

const heads = { count: 3 };

/** Some training steps of a small network, and its validation. */
function training(
  which: keyof typeof dimensionNets,
  className: string,
  { half = false } = {},
): Case {
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
      }, { heads: heads.count, deepSupervision: true }),
      loss: diceAndCrossEntropy(heads, { batchDice: patch.length === 2 }),
      heads,
      imageShape: [2, 1, ...patch],
      threads: 1,
      device,
      // The reference is the CPU in single precision.
      ...half && device !== "cpu" && { lossScaling: {} },
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

/** Resampling of an image. */
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
      builds.map((build, i) => [`${name}(), use ${i + 1}`, used(build)] as const)
    ),
  ),
  ...Object.fromEntries(
    Object.entries(derivativeCases).map(([name, derivative]) => [name, (device: Device) => {
      const { graph, feeds } = differentiate(derivative);
      return run(device, graph, feeds);
    }]),
  ),
  "training, plain, 3d anisotropic": training("3d anisotropic", "PlainConvUNet"),
  resampling,
  "training, plain, 2d": training("2d", "PlainConvUNet"),
  "training, residual, 3d": training("3d", "ResidualEncoderUNet"),
};

/** Cases for devices with float16. */
const halfCases: Record<string, Case> = {
  "training, plain, 3d, half precision": training("3d", "PlainConvUNet", { half: true }),
};

/** Returns the largest difference of every result, relative to its largest value. */
function errorsOf(expected: Results, found: Results): number[] {
  return expected.map(({ data, shape }, i) => {
    if (`${shape}` !== `${found[i].shape}`) return Infinity;
    const values = Array.from(data, Number);
    const others = Array.from(found[i].data, Number);
    const scale = values.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-6);
    return values.reduce((worst, v, j) => Math.max(worst, Math.abs(v - others[j])), 0) / scale;
  });
}

if (import.meta.main) {
  const [device, only] = Deno.args as [Device, string?];
  const hasHalf = (await findDevice(device)).float16;
  for (const [name, compute] of Object.entries({ ...cases, ...hasHalf && halfCases })) {
    if (only && !name.includes(only)) continue;
    console.log(name);
    const errors = errorsOf(await compute("cpu"), await compute(device));
    const error = Math.max(...errors);
    const tolerance = name in halfCases ? 1e-2 : 1e-4;
    console.log(
      JSON.stringify({ name, tolerance, errors, error: Number.isNaN(error) ? "NaN" : error }),
    );
  }
  Deno.exit(0);
}
