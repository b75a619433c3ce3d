/** Draws the random numbers that a network asks for in training steps, such as for dropout. */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import type { HostTensor } from "../../runtime/session.ts";
import { batchGenerator } from "../batches/batch.ts";

/** What a step's random numbers depend on. */
export interface StepPosition {
  /** The training's seed. */
  readonly seed: number;
  /** Index of the step in the whole training, from 0. */
  readonly step: number;
}

/** Added to the seed, so that networks use other random numbers than batches. */
const NETWORK_STREAM = 0x6e6574;

/**
 * Returns random numbers from [0, 1) for some inputs. They are the same whenever this step is run.
 *
 * @param inputs Names and shapes.
 * @throws {TypeError} If there are inputs but no position.
 */
export function randomInputs(
  inputs: readonly { readonly name: string; readonly shape: Shape }[],
  position: StepPosition | undefined,
): Record<string, HostTensor> {
  if (inputs.length === 0) return {};
  if (!position) {
    throw new TypeError(
      "Cannot train: the network asks for random numbers, expected the training's seed and the " +
        "step's index",
    );
  }
  const generator = batchGenerator(position.seed + NETWORK_STREAM, position.step);
  return Object.fromEntries(inputs.map(({ name, shape }): [string, HostTensor] => {
    // float32 must not round up to 1.
    const draw = () => Math.min(generator.uniform(), 1 - 2 ** -24);
    const data = Float32Array.from({ length: sizeOf(shape) }, draw);
    return [name, { type: "float32", shape, data }];
  }));
}
