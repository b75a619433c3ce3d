/**
 * Builds the blocks of a vision transformer, with the parameter names of PyTorch's state dict.
 *
 * @see Fang et al. 2023, EVA-02
 * @see timm's models/eva.py `EvaBlock` and `EvaAttention`, layers/mlp.py `SwiGLU`
 */

import type { Value } from "../graph/graph.ts";
import {
  add,
  attention,
  cast,
  layerNorm,
  less,
  mul,
  reshape,
  sigmoid,
  transpose,
} from "../graph/operators.ts";
import type { ParameterSource, TrainingMode } from "./network.ts";
import type { Rotation } from "./rotary_positions.ts";
import { linear } from "./tokens.ts";

const EPSILON = 1e-5;

/** Options of {@link transformerBlock}. */
export interface TransformerBlockOptions {
  /** Number of attention heads, which divides the number of features. */
  readonly heads: number;
  /** Number of features between the two layers of the perceptron. */
  readonly hidden: number;
  /** Rotates queries and keys by their positions. */
  readonly rotation?: Rotation;
  /** Initial factor of what the block adds, per feature. */
  readonly layerScale: number;
  /** Standard deviation of the first weights of the layers that end attention and perceptron. */
  readonly lastDeviation: number;
  /** Probability with which a training step omits attention or perceptron for a sample. */
  readonly dropRate: number;
  /** In a training step. */
  readonly training?: TrainingMode;
}

/**
 * Adds attention to tokens, and then a perceptron with a gate (SwiGLU), each normalised before and
 * inside.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, tokens, c)
 * @param options The block.
 * @returns (n, tokens, c)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, transformerBlock } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 64, 24]);
 * const parameter = (name: string, shape: readonly number[]) =>
 *   graph.placeholder("float32", shape, name);
 * const y = transformerBlock(parameter, "block", x, {
 *   heads: 2,
 *   hidden: 64,
 *   layerScale: 0.1,
 *   lastDeviation: 0.02,
 *   dropRate: 0,
 * });
 * assert.deepEqual(y.shape, [2, 64, 24]);
 * ```
 */
export function transformerBlock(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { layerScale, dropRate, training, ...options }: TransformerBlockOptions,
): Value {
  const scales = [1, 2].map((i) => parameter(`${name}.gamma_${i}`, x.shape.slice(-1), layerScale));
  const added = (branch: Value, i: number) => dropPath(mul(branch, scales[i]), dropRate, training);
  const first = normalized(parameter, `${name}.norm1`, x);
  const attended = add(x, added(selfAttention(parameter, `${name}.attn`, first, options), 0));
  const second = normalized(parameter, `${name}.norm2`, attended);
  return add(attended, added(gatedPerceptron(parameter, `${name}.mlp`, second, options), 1));
}

type InnerOptions = Omit<TransformerBlockOptions, "layerScale" | "dropRate" | "training">;

/** Attention among all tokens of a sample; keys have no bias, which would not change the weights. */
function selfAttention(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { heads, rotation = (vectors) => vectors, lastDeviation }: InnerOptions,
): Value {
  const [, tokens, features] = x.shape;
  const byHead = (layer: string, bias = true) => {
    const y = linear(parameter, `${name}.${layer}`, x, { features, bias });
    return transpose(reshape(y, [0, tokens, heads, features / heads]), [0, 2, 1, 3]);
  };
  const q = byHead("q_proj");
  const k = byHead("k_proj", false);
  const v = byHead("v_proj");
  const attended = transpose(attention(rotation(q), rotation(k), v), [0, 2, 1, 3]);
  const together = reshape(attended, [0, tokens, features]);
  return linear(parameter, `${name}.proj`, normalized(parameter, `${name}.norm`, together), {
    features,
    initialization: { normal: { deviation: lastDeviation } },
  });
}

/** Two layers, of which the first is multiplied by a gate, SiLU of another layer. */
function gatedPerceptron(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { hidden, lastDeviation }: InnerOptions,
): Value {
  const gate = linear(parameter, `${name}.fc1_g`, x, { features: hidden });
  const value = linear(parameter, `${name}.fc1_x`, x, { features: hidden });
  const gated = mul(mul(gate, sigmoid(gate)), value);
  return linear(parameter, `${name}.fc2`, normalized(parameter, `${name}.norm`, gated), {
    features: x.shape[2],
    initialization: { normal: { deviation: lastDeviation } },
  });
}

/** Normalises each token over its features. */
export function normalized(parameter: ParameterSource, name: string, x: Value): Value {
  const shape = x.shape.slice(-1);
  const scale = parameter(`${name}.weight`, shape, 1);
  return layerNorm(x, scale, parameter(`${name}.bias`, shape, 0), EPSILON);
}

/**
 * Omits a branch for random samples of a training step, and enlarges it for the others so that its
 * mean stays.
 *
 * @see Huang et al. 2016, Deep Networks with Stochastic Depth
 */
function dropPath(branch: Value, rate: number, training: TrainingMode | undefined): Value {
  if (rate === 0 || !training) return branch;
  const kept = less(training.uniform([branch.shape[0], 1, 1]), 1 - rate);
  return mul(branch, mul(cast(kept, "float32"), 1 / (1 - rate)));
}
