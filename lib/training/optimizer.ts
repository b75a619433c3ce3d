/** What an optimiser is: a graph over flat vectors of all parameters, and its part of a checkpoint. */

import type { Value } from "../graph/graph.ts";
import { add, div, min, reduceSumSquare, sqrt } from "../graph/operators.ts";
import type { AdamState, SgdState } from "../interop/optimizer_state.ts";
import type { ParameterSpec } from "../network/network.ts";

/** What training steps change. */
export interface OptimizerState {
  /** One flat vector of all parameters in their order. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** What the optimiser keeps of earlier gradients, see {@link Optimizer.stateSize}. */
  readonly momentum: Float32Array<ArrayBuffer>;
  /** In mixed precision (2): the loss's scale, and finite steps since it last changed. */
  readonly scaling?: Float32Array<ArrayBuffer>;
}

/** A state to begin with. */
export type StartingState = Partial<OptimizerState> & Pick<OptimizerState, "weights">;

/** What a step leaves, and what the gradient's norm was before clipping. */
export interface OptimizerStep {
  /** (n) */
  readonly weights: Value;
  /** As long as the one given. */
  readonly state: Value;
  /** A scalar. */
  readonly gradientNorm: Value;
}

/** An optimiser, such as {@link sgd} or {@link adam}. */
export interface Optimizer {
  /** Length of the vector that is kept beside so many weights; it begins as zeros. */
  stateSize(parameters: number): number;
  /**
   * Builds one step.
   *
   * @param weights (n)
   * @param state As long as {@link stateSize} says.
   * @param gradient (n), not clipped yet
   * @param learningRate A float32 scalar.
   */
  step(weights: Value, state: Value, gradient: Value, learningRate: Value): OptimizerStep;
  /** The state as PyTorch's optimiser of the kind keeps it; a view of it where possible. */
  toRecord(
    state: Float32Array<ArrayBuffer>,
    parameters: readonly ParameterSpec[],
    rates: { readonly learningRate: number; readonly initialLearningRate: number },
  ): SgdState | AdamState;
  /** The state again; that of the beginning if the record is of another kind, or there is none. */
  fromRecord(
    record: SgdState | AdamState | null,
    parameters: readonly ParameterSpec[],
  ): Float32Array<ArrayBuffer>;
}

/** The norm of all gradients together, and the factor that keeps it below a limit. */
export function clipping(gradient: Value, maxGradientNorm: number) {
  const norm = sqrt(reduceSumSquare(gradient));
  return { norm, factor: min(div(maxGradientNorm, add(norm, 1e-6)), 1) };
}
