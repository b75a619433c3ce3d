/**
 * Dynamic loss scaling, without which small gradients vanish in half precision.
 *
 * The loss is multiplied by a scale before it is differentiated and the gradient divided by it. A
 * gradient that is not finite leaves the weights as they are and halves the scale; after many
 * finite ones it doubles.
 *
 * @see PyTorch's torch.amp.GradScaler, whose numbers these are
 */

import type { Value } from "../graph/graph.ts";
import { add, concat, greater, less, mul, reshape, split, where } from "../graph/operators.ts";

/** Settings of {@link scaleAfter}. */
export interface LossScaling {
  /** 65 536 by default. */
  readonly initialScale?: number;
  /** Finite steps in a row after which the scale doubles, 2000 by default. */
  readonly growthInterval?: number;
}

/** Settings of PyTorch. */
export const defaultLossScaling: Required<LossScaling> = {
  initialScale: 2 ** 16,
  growthInterval: 2000,
};

/** The state before the first step: scale, and finite steps since it last changed. */
export function initialScaling(
  { initialScale = defaultLossScaling.initialScale }: LossScaling = {},
): Float32Array<ArrayBuffer> {
  return Float32Array.of(initialScale, 0);
}

/** The scale in a state (2), as a scalar. */
export function scaleOf(state: Value): Value {
  return reshape(split(state, [1, 1], 0)[0], []);
}

/** Whether a gradient of this norm is finite. */
export function isFiniteNorm(norm: Value): Value {
  // No comparison with NaN holds.
  return less(norm, 3e38);
}

/**
 * The state after a step.
 *
 * @param state (2): scale and finite steps.
 * @param finite Whether the step's gradient was; a bool scalar.
 */
export function scaleAfter(
  state: Value,
  finite: Value,
  { growthInterval = defaultLossScaling.growthInterval }: LossScaling = {},
): Value {
  const [scale, steps] = split(state, [1, 1], 0);
  const counted = add(steps, 1);
  const grows = greater(counted, growthInterval - 0.5);
  const good = concat([
    where(grows, mul(scale, 2), scale),
    where(grows, mul(counted, 0), counted),
  ], 0);
  const bad = concat([mul(scale, 0.5), mul(steps, 0)], 0);
  return where(finite, good, bad);
}
