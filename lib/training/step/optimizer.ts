/** Defines an optimiser: a graph over flat vectors of all parameters, and its checkpoint record. */

import type { Value } from "../../graph/graph.ts";
import { add, div, min, reduceSumSquare, sqrt } from "../../graph/operators.ts";
import type { RecordedOptimizer } from "../../interop/optimizer_state.ts";
import type { ParameterSpec } from "../../network/network.ts";

/** The state that training steps update. */
export interface OptimizerState {
  /** All parameters in order, as one flat vector (n). */
  readonly weights: Float32Array<ArrayBuffer>;
  /** The optimiser's state, such as momentum; see {@link Optimizer.stateSize}. */
  readonly momentum: Float32Array<ArrayBuffer>;
  /** In mixed precision, the loss's scale, and finite steps since it last changed, (2). */
  readonly scaling?: Float32Array<ArrayBuffer>;
}

/** The state to start from. */
export type StartingState = Partial<OptimizerState> & Pick<OptimizerState, "weights">;

/** The state after a step, and the gradient's norm before clipping. */
export interface OptimizerStep {
  /** The new weights, (n). */
  readonly weights: Value;
  /** The new state, of the same length as the old one. */
  readonly state: Value;
  /** The norm before clipping, a scalar. */
  readonly gradientNorm: Value;
}

/** An optimiser, such as {@link sgd}, {@link adam} or {@link adan}. */
export interface Optimizer {
  /** Returns the length of the state for a number of parameters. It starts as zeros. */
  stateSize(parameters: number): number;
  /**
   * Builds one step.
   *
   * @param weights Float32, (n).
   * @param state Float32, with the length that {@link stateSize} returns.
   * @param gradient Before clipping, float32, (n).
   * @param learningRate A float32 scalar.
   */
  step(weights: Value, state: Value, gradient: Value, learningRate: Value): OptimizerStep;
  /** Converts the state to the form of PyTorch's optimiser; the arrays are views where possible. */
  toRecord(
    state: Float32Array<ArrayBuffer>,
    parameters: readonly ParameterSpec[],
    rates: { readonly learningRate: number; readonly initialLearningRate: number },
  ): RecordedOptimizer;
  /** Restores the state; a record of another optimiser, or null, gives the starting state. */
  fromRecord(
    record: RecordedOptimizer | null,
    parameters: readonly ParameterSpec[],
  ): Float32Array<ArrayBuffer>;
}

/** Returns the gradient's norm, and the factor that clips it to a limit; both are scalars. */
export function clipping(gradient: Value, maxGradientNorm: number) {
  const norm = sqrt(reduceSumSquare(gradient));
  return { norm, factor: min(div(maxGradientNorm, add(norm, 1e-6)), 1) };
}
