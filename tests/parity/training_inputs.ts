/**
 * Compares the random inputs of training on both sides by their distributions: initial weights,
 * patches and augmented batches.
 */

import { join } from "@std/path";
import { createPipeline } from "../../lib/augmentation/nnunet_pipeline.ts";
import { transformNames } from "../../lib/augmentation/transform_names.ts";
import type { Transform } from "../../lib/augmentation/transform.ts";
import { createSplits } from "../../lib/dataset/splits.ts";
import { initialWeights, parametersOf } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";
import { listCases } from "../../lib/preprocessing/storage.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { createBatchSource } from "../../lib/training/batches/batch_source.ts";
import { parametersByName } from "../../lib/training/step/flat_parameters.ts";
import { headsOf } from "../../lib/model/heads.ts";
import { openPatchSource } from "../../lib/training/batches/patch_source.ts";
import type { PythonPeer } from "../bench/python_peer.ts";
import type { SharedPlan } from "./shared_plan.ts";
import { mean, standardError } from "./statistics.ts";

/** Number of new networks whose weights are pooled. */
const NETWORKS = 3;

/** The statistics that differ most between the sides. */
export interface InputsResult {
  /** For initial weights, in standard errors: mean or standard deviation of a parameter. */
  readonly weights: Furthest;
  /** For samples, in standard errors: the mean of a statistic. */
  readonly means: Furthest;
  /**
   * For samples: the distance between the distributions of a statistic, Kolmogorov and Smirnov's D
   * times √(n m / (n + m)).
   */
  readonly distributions: Furthest;
}

/** A statistic and its difference between the two sides. */
export interface Furthest {
  readonly name: string;
  readonly distance: number;
}

type Sample = Readonly<Record<string, number>>;

/**
 * Compares initial weights and the samples of many batches: all together, and by their position in
 * the batch, since the last ones are centred on foreground.
 */
export async function compareInputs(
  peer: PythonPeer,
  shared: SharedPlan,
  batches: number,
): Promise<InputsResult> {
  const theirs = await peer.ask<{
    readonly weights: Readonly<Record<string, readonly [number, number, number]>>;
    readonly samples: readonly Sample[];
  }>({ command: "inputs", ...shared.job, networks: NETWORKS, batches });
  const { batchSize } = shared.plans.configuration(shared.configuration);
  const samples = await ourSamples(shared, batches);
  const groups = [undefined, ...Array.from({ length: batchSize }, (_, place) => place)];
  const figures = groups.flatMap((place) => {
    const here = (_: Sample, i: number) => place === undefined || i % batchSize === place;
    const [found, expected] = [samples.filter(here), theirs.samples.filter(here)];
    return Object.keys(expected[0]).map((name) => ({
      name: place === undefined ? name : `${name} of sample ${place}`,
      found: found.map((sample) => sample[name]),
      expected: expected.map((sample) => sample[name]),
    }));
  });
  return {
    weights: furthest(weightsApart(shared, theirs.weights)),
    means: furthest(figures.map(({ name, found, expected }) => {
      const difference = Math.abs(mean(found) - mean(expected));
      return { name, distance: difference && difference / standardError(found, expected) };
    })),
    distributions: furthest(figures.map(({ name, found, expected }) => ({
      name,
      distance: distributionsApart(found, expected),
    }))),
  };
}

function furthest(all: readonly Furthest[]): Furthest {
  return all.reduce((a, b) => b.distance > a.distance ? b : a);
}

/** Compares parameter by parameter, in standard errors; constants must be equal. */
function weightsApart(
  { plans, configuration }: SharedPlan,
  expected: Readonly<Record<string, readonly [count: number, mean: number, deviation: number]>>,
): Furthest[] {
  const { architecture, patchSize } = plans.configuration(configuration);
  const { count: heads } = headsOf(plans.datasetJson);
  const network = networkOf(architecture, { heads, deepSupervision: true });
  const specs = parametersOf(network, [1, plans.datasetJson.channelNames.length, ...patchSize]);
  const networks = Array.from(
    { length: NETWORKS },
    (_, seed) => parametersByName(specs, initialWeights(specs, createGenerator(seed))),
  );
  return specs.map(({ name }) => {
    const values = networks.flatMap((network) => [...network.get(name)!.data]);
    const [count, middle, deviation] = expected[name];
    const ours = mean(values);
    const ourDeviation = Math.sqrt(mean(values.map((value) => (value - ours) ** 2)));
    if (deviation === 0) {
      return { name, distance: ours === middle && ourDeviation === 0 ? 0 : Infinity };
    }
    return {
      name,
      distance: Math.max(
        Math.abs(ours - middle) / (deviation * Math.sqrt(2 / count)),
        Math.abs(Math.log(ourDeviation / deviation)) * Math.sqrt(count),
      ),
    };
  });
}

/** Samples of the fold's batches, made as in training. */
async function ourSamples(
  { plans, configuration }: SharedPlan,
  batches: number,
): Promise<Sample[]> {
  const { dataIdentifier, patchSize, batchSize, useMaskForNorm } = plans.configuration(
    configuration,
  );
  const folder = join(plans.folder, dataIdentifier);
  const [{ train }] = createSplits(await listCases(folder));
  const cases = new Map(
    await Promise.all(train.map(async (name) => {
      const opened = await openPatchSource({ folder }, name);
      return [name, opened.load()] as const;
    })),
  );
  const pipeline = createPipeline(patchSize, { purpose: "training", useMaskForNorm });
  const uses: [name: string, value: number][] = [];
  const watched = (transform: Transform, i: number): Transform => ({
    ...transform,
    draw(generator, sample) {
      const parameters = transform.draw(generator, sample);
      const { name } = transform;
      if (name === "mirroring") uses.push(["mirrored axes", (parameters as unknown[]).length]);
      else if ((transformNames as readonly string[]).includes(name)) {
        uses.push([name === "spatial" ? name : `transform ${i}`, Number(parameters !== undefined)]);
      }
      return parameters;
    },
  });
  const source = createBatchSource({
    read: (name) => Promise.resolve(cases.get(name)!),
    caseNames: train,
    batchSize,
    pipeline: { ...pipeline, transforms: pipeline.transforms.map(watched) },
    seed: 0,
  });
  const samples: Sample[] = [];
  for (let index = 0; index < batches; index++) {
    uses.length = 0;
    const { data, target } = await source(index);
    const voxels = target.length / batchSize;
    const each = uses.length / batchSize;
    for (let i = 0; i < batchSize; i++) {
      const [start, end] = [i * voxels, (i + 1) * voxels];
      const figures = figuresOf(data.subarray(start, end), target.subarray(start, end), patchSize);
      const used = Object.fromEntries(uses.slice(i * each, (i + 1) * each));
      samples.push({ ...figures, ...used });
    }
  }
  return samples;
}

/** Statistics of a sample with one channel, as `figures` in training_inputs.py. */
function figuresOf(image: Float32Array, labels: Uint8Array, shape: readonly number[]): Sample {
  const voxels = image.length;
  const width = shape.at(-1)!;
  const sorted = image.slice().sort();
  const percentile = (q: number) => {
    const place = q / 100 * (voxels - 1), below = Math.floor(place);
    const above = Math.min(voxels - 1, below + 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  const steps = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const centre = shape.map(() => 0);
  const counts = [0, 0, 0];
  let sum = 0, squares = 0, zeros = 0, inside = 0, rough = 0;
  for (let i = 0; i < voxels; i++) {
    const value = image[i];
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
    if (i % width > 0) rough += Math.abs(value - image[i - 1]);
    counts[labels[i]]++;
    if (labels[i] === 0) continue;
    inside += value;
    steps.forEach((step, axis) => centre[axis] += Math.floor(i / step) % shape[axis]);
  }
  const foreground = counts[1] + counts[2];
  const average = sum / voxels;
  return {
    ...Object.fromEntries([1, 2].map((label) => [`label ${label}`, counts[label] / voxels])),
    zeros: zeros / voxels,
    mean: average,
    deviation: Math.sqrt(squares / voxels - average * average),
    foreground: foreground ? inside / foreground : 0,
    roughness: rough / (voxels - voxels / width),
    ...Object.fromEntries([1, 25, 50, 75, 99].map((q) => [`percentile ${q}`, percentile(q)])),
    ...Object.fromEntries(
      centre.map((total, axis) => [`centre ${axis}`, foreground ? total / foreground : -1]),
    ),
  };
}

/** Digits of the comparison: whole images have mean 0 except for rounding. */
const DIGITS = 1e5;

/** Kolmogorov and Smirnov's D for two samples, times √(n m / (n + m)). */
function distributionsApart(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [a, b].map((values) =>
    Float64Array.from(values, (value) => Math.round(value * DIGITS)).sort()
  );
  let [i, j, largest] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i], y[j]);
    while (i < x.length && x[i] <= value) i++;
    while (j < y.length && y[j] <= value) j++;
    largest = Math.max(largest, Math.abs(i / x.length - j / y.length));
  }
  return largest * Math.sqrt(x.length * y.length / (x.length + y.length));
}
