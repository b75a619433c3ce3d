/** Implements nnU-Net's optimiser, stochastic gradient descent with Nesterov momentum. */

import type { Value } from "../../graph/graph.ts";
import { add, concat, matmul, mul, reshape, split } from "../../graph/operators.ts";
import { parametersByName, parametersEndToEnd } from "./flat_parameters.ts";
import { clipping, type Optimizer } from "./optimizer.ts";

/** Settings of {@link sgd}; the defaults are nnU-Net's. */
export interface SgdOptions {
  /** Decay rate of the momentum, 0.99 by default. */
  readonly momentum?: number;
  /** Weight decay, added to the gradient as a multiple of the weight; 3·10⁻⁵ by default. */
  readonly weightDecay?: number;
  /** Norm to which the gradient of all parameters is clipped, 12 by default. */
  readonly maxGradientNorm?: number;
}

/** nnU-Net's settings. */
export const nnunetSgd: Required<SgdOptions> = {
  momentum: 0.99,
  weightDecay: 3e-5,
  maxGradientNorm: 12,
};

/** Creates nnU-Net's optimiser. Its state is the momentum, one value per parameter. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum, weightDecay } = { ...nnunetSgd, ...options };
  return {
    stateSize: (parameters) => parameters,
    step(weights, state, gradient, learningRate) {
      const step = sgdStep(weights, state, gradient, learningRate, options);
      return { weights: step.weights, state: step.momentum, gradientNorm: step.gradientNorm };
    },
    toRecord: (state, parameters, rates) => ({
      ...rates,
      momentum,
      weightDecay,
      nesterov: true,
      momentumBuffers: parametersByName(parameters, state),
    }),
    fromRecord: (record, parameters) =>
      parametersEndToEnd(
        parameters,
        record && "momentumBuffers" in record ? record.momentumBuffers : new Map(),
        true,
      ),
  };
}

/** Weights (n) and momentum (n) after a step, and the gradient's norm before clipping, a scalar. */
export interface SgdResult {
  readonly weights: Value;
  readonly momentum: Value;
  readonly gradientNorm: Value;
}

/**
 * Builds one step of stochastic gradient descent with Nesterov momentum, as PyTorch defines it.
 *
 * For gradient g, weight w, momentum m and clipping factor c, m′ = μ·m + λ·w + c·g and w′ = w −
 * η·(c·g + λ·w + μ·m′). Both are linear in (m, w, g), so a single product with a 2×3 matrix reads
 * each value once. The product gives the change of w rather than w′, whose rounding would lose a
 * small learning rate times the decay.
 *
 * @param weights Float32, (n).
 * @param momentum Float32, (n).
 * @param gradient Before clipping, float32, (n).
 * @param learningRate η, a float32 scalar.
 */
export function sgdStep(
  weights: Value,
  momentum: Value,
  gradient: Value,
  learningRate: Value,
  options: SgdOptions = {},
): SgdResult {
  const {
    momentum: mu = nnunetSgd.momentum,
    weightDecay = nnunetSgd.weightDecay,
    maxGradientNorm = nnunetSgd.maxGradientNorm,
  } = options;
  const { graph } = weights;
  const [n] = weights.shape;
  const { norm: gradientNorm, factor } = clipping(gradient, maxGradientNorm);

  const one = (value: Value) => reshape(value, [1]);
  const constant = (value: number) => graph.constant("float32", [1], Float32Array.of(value));
  const eta = one(learningRate);
  const c = one(factor);
  const coefficients = reshape(
    concat([
      constant(mu),
      constant(weightDecay),
      c,
      mul(eta, constant(-mu * mu)),
      mul(eta, constant(-weightDecay * (1 + mu))),
      mul(mul(eta, c), constant(-(1 + mu))),
    ], 0),
    [2, 3],
  );
  const row = (value: Value) => reshape(value, [1, n]);
  const state = concat([row(momentum), row(weights), row(gradient)], 0);
  const [newMomentum, change] = split(matmul(coefficients, state), [1, 1], 0);
  return {
    weights: add(weights, reshape(change, [n])),
    momentum: reshape(newMomentum, [n]),
    gradientNorm,
  };
}
