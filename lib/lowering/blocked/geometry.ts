/** What a convolution does along each axis, the same in 2D and 3D. */

import { type Shape, sizeOf } from "../../array/nd_array.ts";
import { type Attributes, convolutionAttributes } from "../../graph/attributes.ts";
import { extentsOf } from "./layout.ts";

/** A convolution's geometry along (z, y, x). */
export interface Geometry {
  readonly kernel: Shape;
  readonly strides: Shape;
  readonly before: Shape;
  readonly after: Shape;
}

/** The geometry of an ungrouped, undilated convolution in 2D or 3D; undefined of any other. */
export function geometryOf(kernel: Shape, attributes: Attributes): Geometry | undefined {
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

/** Whether a convolution cuts an image into tiles, each of which gives one voxel. */
export function isTiling({ kernel, strides, before, after }: Geometry, shape: Shape): boolean {
  const { depth, plane } = extentsOf(shape);
  return kernel.every((extent, i) => extent === strides[i]) && sizeOf(kernel) > 1 &&
    [...before, ...after].every((margin) => margin === 0) &&
    [depth, ...plane].every((extent, i) => extent % kernel[i] === 0);
}
