/** Compares a checkpoint's weights with the network of its plans. */

import { type NdArray, sameShape, type Shape } from "../array/nd_array.ts";
import { parametersOf } from "../network/network.ts";
import { networkOf } from "../network/network_of.ts";
import type { ModelFacts } from "./model_facts.ts";

/** The parameters of a model's network by name. */
export interface ExpectedWeights {
  /** Shapes of those that predictions need. */
  readonly required: ReadonlyMap<string, Shape>;
  /** Shapes of all, with the heads of lower resolutions, which only deep supervision uses. */
  readonly known: ReadonlyMap<string, Shape>;
}

/** Returns the parameters of the network that a model's plans describe. */
export function expectedWeights(
  { configuration: { architecture, patchSize }, heads, inputChannels }: ModelFacts,
): ExpectedWeights {
  const shapesWith = (deepSupervision: boolean) => {
    const network = networkOf(architecture, { heads: heads.count, deepSupervision });
    const parameters = parametersOf(network, [1, inputChannels, ...patchSize]);
    return new Map(parameters.map(({ name, shape }) => [name, shape]));
  };
  return { required: shapesWith(false), known: shapesWith(true) };
}

/**
 * Checks that weights are those of a network.
 *
 * @throws {TypeError} If a parameter is missing or has another shape, or there are other weights.
 */
export function requireFittingWeights(
  weights: ReadonlyMap<string, NdArray>,
  { required, known }: ExpectedWeights,
): void {
  const other = weights.keys().find((name) => !known.has(name));
  if (other !== undefined) {
    throw new TypeError(
      `Cannot build the network: found weights ${other}, expected only those of the plan's network`,
    );
  }
  for (const [name, expected] of known) {
    const found = weights.get(name)?.shape;
    if (found ? sameShape(found, expected) : !required.has(name)) continue;
    throw new TypeError(
      `Cannot build the network: ${name} is ${found ? `[${found}]` : "missing"}, ` +
        `expected [${expected}]`,
    );
  }
}
