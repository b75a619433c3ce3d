/** Implements Adam and AdamW as PyTorch defines them. */

import { add, concat, div, max, mul, reshape, split, sqrt, sub } from "../../graph/operators.ts";
import type { AdamState } from "../../interop/optimizer_state.ts";
import { countParameters } from "../../network/network.ts";
import { parametersByName, parametersEndToEnd } from "./flat_parameters.ts";
import { clipping, type Optimizer } from "./optimizer.ts";

/** Values after the vectors, of which three are used; a whole row of a GPU's vectors. */
const TAIL = 256;

/** Settings of {@link adam}; the defaults are PyTorch's and nnU-Net's. */
export interface AdamOptions {
  /** Decay rates of the mean gradient and the mean squared gradient, 0.9 and 0.999 by default. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the mean squared gradient, 10⁻⁸ by default. */
  readonly epsilon?: number;
  /** Weight decay, added to the gradient as a multiple of the weight; 3·10⁻⁵ by default. */
  readonly weightDecay?: number;
  /** Whether the decay bypasses the gradient, as in AdamW; false by default. */
  readonly decoupled?: boolean;
  /** Whether to divide by the largest mean squared gradient so far; false by default. */
  readonly amsgrad?: boolean;
  /** Norm to which the gradient of all parameters is clipped, 12 by default. */
  readonly maxGradientNorm?: number;
}

/**
 * Creates an Adam optimiser for n parameters.
 *
 * Its state is one vector: the mean gradients (n), the mean squared gradients (n), with `amsgrad`
 * the largest mean squared gradients (n), and three numbers: the step count, and for each beta its
 * bias correction, 1 − beta^steps. Zeros fill the rest.
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 3e-5 } = options;
  const { maxGradientNorm = 12, decoupled = false, amsgrad = false } = options;
  const vectors = amsgrad ? 3 : 2;
  const rest = betas.map((beta) => 1 - beta);
  return {
    stateSize: (parameters) => vectors * parameters + TAIL,
    step(weights, state, gradient, learningRate) {
      const [n] = weights.shape;
      const parts = split(state, [...new Array<number>(vectors).fill(n), TAIL], 0);
      const [mean, square, largest] = parts;
      const [count, meanShare, squareShare, unused] = split(parts[vectors], [1, 1, 1, TAIL - 3], 0);
      const { norm, factor } = clipping(gradient, maxGradientNorm);
      const clipped = mul(gradient, factor);
      const decay = mul(weights, weightDecay);
      const g = decoupled ? clipped : add(clipped, decay);
      const start = decoupled ? sub(weights, mul(decay, learningRate)) : weights;

      const newMean = add(mean, mul(sub(g, mean), rest[0]));
      const newSquare = add(mul(square, betas[1]), mul(mul(g, g), rest[1]));
      const newLargest = amsgrad ? max(largest, newSquare) : newSquare;
      // Sums instead of powers, so that restoring can repeat them bit for bit.
      const newMeanShare = add(mul(meanShare, betas[0]), rest[0]);
      const newSquareShare = add(mul(squareShare, betas[1]), rest[1]);
      const root = add(div(sqrt(newLargest), sqrt(newSquareShare)), epsilon);
      const rate = div(reshape(learningRate, [1]), newMeanShare);
      return {
        weights: sub(start, div(mul(newMean, rate), root)),
        state: concat([
          newMean,
          newSquare,
          ...amsgrad ? [newLargest] : [],
          concat([add(count, 1), newMeanShare, newSquareShare, unused], 0),
        ], 0),
        gradientNorm: norm,
      };
    },
    toRecord(state, parameters, rates) {
      const n = (state.length - TAIL) / vectors;
      const vector = (i: number) =>
        parametersByName(parameters, state.subarray(i * n, (i + 1) * n));
      return {
        ...rates,
        betas,
        epsilon,
        weightDecay,
        decoupled,
        steps: state[vectors * n],
        means: vector(0),
        squares: vector(1),
        ...amsgrad && { largestSquares: vector(2) },
      };
    },
    fromRecord(record, parameters) {
      const saved = record && "betas" in record ? record : undefined;
      const named = [saved?.means, saved?.squares, ...amsgrad ? [saved?.largestSquares] : []];
      const n = countParameters(parameters);
      const state = new Float32Array(this.stateSize(n));
      named.forEach((values, i) =>
        state.set(parametersEndToEnd(parameters, values ?? new Map(), true), i * n)
      );
      state.set(sharesAfter(saved), vectors * n);
      return state;
    },
  };

  /** The step count and bias corrections of a record, by the same float32 sums as in the steps. */
  function sharesAfter(saved: AdamState | undefined): number[] {
    const steps = saved?.steps ?? 0;
    const shares = betas.map((beta, i) => {
      let share = 0;
      for (let step = 0; step < steps; step++) {
        share = Math.fround(
          Math.fround(share * Math.fround(beta)) + Math.fround(rest[i]),
        );
      }
      return share;
    });
    return [steps, ...shares];
  }
}
