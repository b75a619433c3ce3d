/** Builds the normalisations that plans can name. */

import { sizeOf } from "../array/nd_array.ts";
import { INSTANCE_NORMALIZATION, type Normalization } from "../files/plans.ts";
import type { Value } from "../graph/graph.ts";
import {
  add,
  batchNorm,
  batchNormTraining,
  div,
  instanceNorm,
  mul,
  sub,
} from "../graph/operators.ts";
import type { ParameterOptions, ParameterSource, TrainingMode } from "./network.ts";

/** PyTorch's share of the newest batch in the running statistics. */
const MOMENTUM = 0.1;

/** How to apply a normalisation. */
export interface NormalizationUse {
  /** {@link INSTANCE_NORMALIZATION} by default. */
  readonly normalization?: Normalization;
  /** Initial scale of all channels, 1 by default. */
  readonly initialScale?: number;
  /** Of the parameters. */
  readonly options?: ParameterOptions;
  /** In a training step. */
  readonly training?: TrainingMode;
}

/**
 * Normalises feature maps.
 *
 * Batch normalisation has three buffers, as in PyTorch: in a training step, it uses the batch's own
 * statistics and updates the running ones, with the variance that divides by one element less;
 * elsewhere it uses the running ones.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, c, …spatial)
 * @returns An array of the shape of `x`.
 * @throws {RangeError} If a batch has a single voxel per channel, which has no variance.
 * @see Ioffe & Szegedy 2015, Batch Normalization
 */
export function normalize(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { normalization = INSTANCE_NORMALIZATION, initialScale = 1, options, training }:
    NormalizationUse = {},
): Value {
  const channels = x.shape[1];
  const { over, epsilon, affine } = normalization;
  const perChannel = (leaf: string, initial: number) =>
    affine
      ? parameter(`${name}.${leaf}`, [channels], initial, options)
      : x.graph.constant("float32", [channels], new Float32Array(channels).fill(initial));
  const scale = perChannel("weight", affine ? initialScale : 1);
  const shift = perChannel("bias", 0);
  if (over === "sample") return instanceNorm(x, scale, shift, epsilon);

  const { momentum = MOMENTUM } = normalization;
  const buffer = (leaf: string, shape: readonly number[], initial: number) =>
    parameter(`${name}.${leaf}`, shape, initial, { ...options, trained: false });
  const mean = buffer("running_mean", [channels], 0);
  const variance = buffer("running_var", [channels], 1);
  if (!training) return batchNorm(x, scale, shift, mean, variance, epsilon);

  const count = buffer("num_batches_tracked", [], 0);
  const elements = sizeOf(x.shape) / channels;
  if (elements === 1) {
    throw new RangeError(
      `Cannot train with batch normalisation: ${name} gets one voxel per channel and batch, ` +
        "expected at least two",
    );
  }
  // The statistics' inputs are ignored, whatever they are.
  const [y, ownMean, ownVariance] = batchNormTraining(x, scale, shift, mean, variance, epsilon);
  const newCount = add(count, 1);
  const share = momentum ?? div(1, newCount);
  const update = (leaf: string, old: Value, own: Value) =>
    training.update(`${name}.${leaf}`, add(old, mul(sub(own, old), share)));
  update("running_mean", mean, ownMean);
  update("running_var", variance, mul(ownVariance, elements / (elements - 1)));
  training.update(`${name}.num_batches_tracked`, newCount);
  return y;
}
