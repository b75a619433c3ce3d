/**
 * Implements Adan, Nesterov momentum with adaptive rates, as the package `adan-pytorch` defines it.
 *
 * @see Xie et al. 2022, Adan: Adaptive Nesterov Momentum Algorithm
 */

import type { Value } from "../../graph/graph.ts";
import { add, concat, div, min, mul, reshape, split, sqrt, sub } from "../../graph/operators.ts";
import type { AdanState } from "../../interop/optimizer_state.ts";
import { countParameters } from "../../network/network.ts";
import { parametersByName, parametersEndToEnd } from "./flat_parameters.ts";
import { clipping, type Optimizer } from "./optimizer.ts";

/** Values after the vectors, of which four are used; a whole row of a GPU's vectors. */
const TAIL = 256;
/** Previous gradients, mean gradients, mean differences and mean squares. */
const VECTORS = 4;

/** Settings of {@link adan}; the defaults are those of `adan-pytorch` and nnU-Net. */
export interface AdanOptions {
  /**
   * Shares of the newest value in the mean gradient, the mean difference of successive gradients
   * and the mean square; 0.02, 0.08 and 0.01 by default.
   */
  readonly betas?: readonly [number, number, number];
  /** Added to the root of the mean square, 10⁻⁸ by default. */
  readonly epsilon?: number;
  /** Weight decay, which divides the weights by 1 + decay · rate; 3·10⁻⁵ by default. */
  readonly weightDecay?: number;
  /** Norm to which the gradient of all parameters is clipped, 12 by default. */
  readonly maxGradientNorm?: number;
}

/**
 * Creates an Adan optimiser for n parameters.
 *
 * Its state is one vector: the previous gradients (n), the mean gradients (n), the mean differences
 * of successive gradients (n), the mean squares (n), and four numbers: the step count, and for each
 * beta its bias correction, 1 − (1 − beta)^steps. Zeros fill the rest.
 *
 * The first step only remembers its gradient and decays the weights, as in `adan-pytorch`.
 */
export function adan(options: AdanOptions = {}): Optimizer {
  const { betas = [0.02, 0.08, 0.01], epsilon = 1e-8, weightDecay = 3e-5 } = options;
  const { maxGradientNorm = 12 } = options;
  const kept = betas.map((beta) => 1 - beta);
  return {
    stateSize: (parameters) => VECTORS * parameters + TAIL,
    step(weights, state, gradient, learningRate) {
      const [n] = weights.shape;
      const parts = split(state, [...new Array<number>(VECTORS).fill(n), TAIL], 0);
      const [previous, mean, difference, squares, tail] = parts;
      const [count, ...shares] = split(tail, [1, 1, 1, 1, TAIL - 4], 0);
      const unused = shares.pop()!;
      const { norm, factor } = clipping(gradient, maxGradientNorm);
      const g = mul(gradient, factor);
      const change = sub(g, previous);
      const lookAhead = add(g, mul(change, kept[1]));

      const started = min(count, 1);
      const towards = (old: Value, value: Value, beta: number) =>
        add(old, mul(sub(value, old), mul(started, beta)));
      const newMean = towards(mean, g, betas[0]);
      const newDifference = towards(difference, change, betas[1]);
      const newSquares = towards(squares, mul(lookAhead, lookAhead), betas[2]);
      // Sums instead of powers, so that restoring can repeat them bit for bit.
      const newShares = shares.map((share, i) => add(mul(share, kept[i]), betas[i]));

      const root = add(sqrt(div(newSquares, newShares[2])), epsilon);
      const direction = add(
        div(newMean, newShares[0]),
        mul(newDifference, div(kept[1], newShares[1])),
      );
      const rate = reshape(learningRate, [1]);
      const moved = sub(weights, mul(div(rate, root), direction));
      return {
        weights: div(moved, add(mul(rate, weightDecay), 1)),
        state: concat([
          g,
          newMean,
          newDifference,
          newSquares,
          concat([add(count, 1), ...newShares, unused], 0),
        ], 0),
        gradientNorm: norm,
      };
    },
    toRecord(state, parameters, rates) {
      const n = (state.length - TAIL) / VECTORS;
      const vector = (i: number) =>
        parametersByName(parameters, state.subarray(i * n, (i + 1) * n));
      return {
        ...rates,
        adanBetas: betas,
        epsilon,
        weightDecay,
        steps: state[VECTORS * n],
        previousGradients: vector(0),
        means: vector(1),
        differences: vector(2),
        squares: vector(3),
      };
    },
    fromRecord(record, parameters) {
      const saved = record && "adanBetas" in record ? record : undefined;
      const n = countParameters(parameters);
      const state = new Float32Array(this.stateSize(n));
      [saved?.previousGradients, saved?.means, saved?.differences, saved?.squares].forEach(
        (values, i) => state.set(parametersEndToEnd(parameters, values ?? new Map(), true), i * n),
      );
      state.set(sharesAfter(saved), VECTORS * n);
      return state;
    },
  };

  /** The step count and bias corrections of a record, by the same float32 sums as in the steps. */
  function sharesAfter(saved: AdanState | undefined): number[] {
    const steps = saved?.steps ?? 0;
    const shares = betas.map((beta, i) => {
      let share = 0;
      for (let step = 0; step < steps; step++) {
        share = Math.fround(Math.fround(share * Math.fround(kept[i])) + Math.fround(beta));
      }
      return share;
    });
    return [steps, ...shares];
  }
}
