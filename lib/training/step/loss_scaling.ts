/**
 * Scales the loss dynamically, so that small gradients do not vanish in half precision.
 *
 * The loss is multiplied by a scale before it is differentiated, and the gradient is divided by it.
 * A step whose gradient is not finite leaves the weights unchanged and halves the scale; after many
 * finite steps in a row, the scale doubles.
 *
 * @see PyTorch's torch.amp.GradScaler, whose constants are used
 */

import type { Value } from "../../graph/graph.ts";
import { add, concat, greater, less, mul, reshape, split, where } from "../../graph/operators.ts";

/** Settings of {@link scaleAfter}. */
export interface LossScaling {
  /** Scale of the first step, 65 536 by default. */
  readonly initialScale?: number;
  /** Number of consecutive finite steps after which the scale doubles, 2000 by default. */
  readonly growthInterval?: number;
}

/** PyTorch's settings. */
export const defaultLossScaling: Required<LossScaling> = {
  initialScale: 2 ** 16,
  growthInterval: 2000,
};

/** Returns the state (2) before the first step: scale, and finite steps since it last changed. */
export function initialScaling(
  { initialScale = defaultLossScaling.initialScale }: LossScaling = {},
): Float32Array<ArrayBuffer> {
  return Float32Array.of(initialScale, 0);
}

/** Returns the scale of a state (2) as a scalar. */
export function scaleOf(state: Value): Value {
  return reshape(split(state, [1, 1], 0)[0], []);
}

/** Returns whether a gradient of this norm is finite, as a bool scalar. */
export function isFiniteNorm(norm: Value): Value {
  // Comparisons with NaN are false.
  return less(norm, 3e38);
}

/**
 * Returns the state after a step.
 *
 * @param state Scale, and finite steps since it last changed, (2).
 * @param finite Whether the step's gradient is finite; a bool scalar.
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
