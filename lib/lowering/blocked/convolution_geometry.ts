/** Describes a convolution along each axis, in the same way for 2D and 3D. */

import type { Shape } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";

/** A convolution's geometry along (z, y, x). */
export interface ConvolutionGeometry {
  readonly kernel: Shape;
  readonly strides: Shape;
  readonly before: Shape;
  readonly after: Shape;
}

/** Returns the geometry of an ungrouped, undilated 2D or 3D convolution; undefined for others. */
export function convolutionGeometry(
  kernel: Shape,
  attributes: Attributes,
): ConvolutionGeometry | undefined {
  const rank = kernel.length;
  const { strides, dilations, pads, group } = convolutionAttributes(attributes, rank);
  const plain = group === 1 && dilations.every((dilation) => dilation === 1);
  if (!plain || rank < 2 || rank > 3) return undefined;
  const in3D = (values: Shape, fill: number) => rank === 3 ? values : [fill, ...values];
  return {
    kernel: in3D(kernel, 1),
    strides: in3D(strides, 1),
    before: in3D(pads.slice(0, rank), 0),
    after: in3D(pads.slice(rank), 0),
  };
}
