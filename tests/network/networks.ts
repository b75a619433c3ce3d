/** Builds the networks and weights that the golden files describe. */

import { sizeOf } from "../../lib/array/nd_array.ts";
import { countParameters, type Network, type ParameterSpec } from "../../lib/network/network.ts";
import { networkOf } from "../../lib/network/network_of.ts";

/** A U-Net as written by `golden/network.py` and `golden/trajectory.py`. */
export interface GoldenNetwork {
  readonly features: readonly number[];
  readonly kernels: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
  /** Convolutions per encoder stage, 2 each by default; likewise per decoder stage. */
  readonly convs?: readonly number[];
  /** Blocks per encoder stage, if the encoder is residual. */
  readonly blocks?: readonly number[];
  readonly decoder_convs?: readonly number[];
  readonly patch: readonly number[];
  readonly classes: number;
}

export function goldenNetwork(golden: GoldenNetwork, deepSupervision: boolean): Network {
  const { features, patch, classes } = golden;
  return networkOf({
    networkClassName: golden.blocks ? "ResidualEncoderUNet" : "PlainConvUNet",
    dimensions: patch.length as 2 | 3,
    featuresPerStage: features,
    kernelSizes: golden.kernels,
    strides: golden.strides,
    convsPerStage: golden.blocks ?? golden.convs ?? features.map(() => 2),
    convsPerStageDecoder: golden.decoder_convs ?? features.slice(1).map(() => 2),
  }, { heads: classes, deepSupervision });
}

/**
 * Returns the golden files' weights as one vector. They are drawn per parameter in alphabetical order
 * of names and laid out in the network's order.
 */
export function goldenWeights(specs: readonly ParameterSpec[], random: () => number) {
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of specs.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    if (name.endsWith(".num_batches_tracked")) {
      values.set(name, new Float32Array(1));
      continue;
    }
    const scale = shape.length > 1 ? Math.sqrt(24 / sizeOf(shape.slice(1))) : 0.2;
    const centre = /norm\.weight$|running_var$/.test(name) ? 1 : 0;
    values.set(
      name,
      Float32Array.from(
        { length: sizeOf(shape) },
        () => centre + (random() - 0.5) * (name.endsWith("running_var") ? 1 : scale),
      ),
    );
  }
  const weights = new Float32Array(countParameters(specs));
  let offset = 0;
  for (const { name } of specs) {
    weights.set(values.get(name)!, offset);
    offset += values.get(name)!.length;
  }
  return weights;
}
