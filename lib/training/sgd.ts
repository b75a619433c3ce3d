/** Stochastic gradient descent with Nesterov momentum, nnU-Net's optimiser. */

import type { Value } from "../graph/graph.ts";
import { add, concat, matmul, mul, reshape, split } from "../graph/operators.ts";
import { parametersByName, parametersEndToEnd } from "./flat_parameters.ts";
import { clipping, type Optimizer } from "./optimizer.ts";

/** Settings of {@link sgd}; nnU-Net's by default. */
export interface SgdOptions {
  /** 0.99 */
  readonly momentum?: number;
  /** Added to the gradient as a multiple of the weight, 3·10⁻⁵ */
  readonly weightDecay?: number;
  /** Largest norm of all gradients together, 12 */
  readonly maxGradientNorm?: number;
}

/** nnU-Net's settings. */
export const nnunetSgd: Required<SgdOptions> = {
  momentum: 0.99,
  weightDecay: 3e-5,
  maxGradientNorm: 12,
};

/** nnU-Net's optimiser, which keeps one value a parameter: its momentum. */
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

/** Weights and momentum after a step, and what the gradient's norm was before clipping. */
export interface SgdResult {
  readonly weights: Value;
  readonly momentum: Value;
  readonly gradientNorm: Value;
}

/**
 * One step of stochastic gradient descent with Nesterov momentum, as PyTorch defines it.
 *
 * With c the clipping factor and g, w, m gradient, weight and momentum:
 * m′ = μ·m + λ·w + c·g and w′ = w − η·(c·g + λ·w + μ·m′). Both are linear in (m, w, g), so a single
 * product with a 2×3 matrix reads everything once. It gives the change of w rather than w′, in
 * which a small learning rate times the decay would be lost to rounding.
 *
 * @param weights (n)
 * @param momentum (n)
 * @param gradient (n)
 * @param learningRate η, a float32 scalar
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
