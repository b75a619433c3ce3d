/** Describes operators' attributes, the parameters of a node besides its inputs. */

import type { Shape } from "../array/nd_array.ts";

/** An operator's attributes. Those named in {@link floatAttributes} are encoded as floats. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Attributes that are floats; all others are integers, lists of integers or strings. */
export const floatAttributes: ReadonlySet<string> = new Set([
  "alpha",
  "beta",
  "epsilon",
  "momentum",
  "activation_params",
]);

/** A convolution's spatial attributes, with one entry per spatial axis, outermost first. */
export interface ConvolutionAttributes {
  readonly strides: Shape;
  readonly dilations: Shape;
  /** Zeros before each axis, then after each axis. */
  readonly pads: Shape;
  /** For transposed convolutions only. */
  readonly outputPadding: Shape;
  readonly group: number;
}

/**
 * Returns a convolution's spatial attributes, with ONNX's defaults for those left out.
 *
 * @param attributes The node's attributes.
 * @param rank Number of spatial axes.
 */
export function convolutionAttributes(attributes: Attributes, rank: number): ConvolutionAttributes {
  const list = (name: string, length: number, fill: number) =>
    (attributes[name] as Shape | undefined) ?? new Array<number>(length).fill(fill);
  return {
    strides: list("strides", rank, 1),
    dilations: list("dilations", rank, 1),
    pads: list("pads", 2 * rank, 0),
    outputPadding: list("output_padding", rank, 0),
    group: (attributes.group as number | undefined) ?? 1,
  };
}
