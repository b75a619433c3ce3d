/**
 * Builds the blocks of residual networks, with the parameter names of PyTorch's state dict.
 *
 * @see He et al. 2019, Bag of Tricks for Image Classification, ResNet-D
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/residual.py
 */

import type { Value } from "../graph/graph.ts";
import { add, averagePool } from "../graph/operators.ts";
import { type BlockStyle, convBlock, type ConvBlockOptions } from "./conv_block.ts";
import type { ParameterSource } from "./network.ts";
import { nonlinearityOf } from "./nonlinearity.ts";

/** Options of a residual block. */
export interface ResidualBlockOptions
  extends BlockStyle, Pick<ConvBlockOptions, "features" | "kernel" | "stride"> {
  /**
   * Number of feature maps of the convolution between two of 1×1×1; by default, a block has two
   * convolutions of `features`.
   */
  readonly bottleneck?: number;
  /** Initial scale of the last normalisation, 0 by default. */
  readonly lastScale?: number;
}

/**
 * Adds convolutions to a shortcut. The shortcut is average-pooled if the block is strided, and
 * projected by a 1×1×1 convolution if the number of features changes.
 *
 * One convolution has the kernel's extents, the stride and the dropout: the first of two, the second
 * of three. By default, the last normalisation's scale starts at 0, so that a block initially equals
 * its shortcut.
 */
export function residualBlock(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { features, kernel, stride = kernel.map(() => 1), bottleneck, lastScale = 0, ...style }:
    ResidualBlockOptions,
): Value {
  const pointwise = kernel.map(() => 1);
  const plain = { ...style, dropout: undefined };
  const last = { ...plain, features, initialScale: lastScale, nonlinearity: null };
  let y: Value;
  if (bottleneck === undefined) {
    y = convBlock(parameter, `${name}.conv1`, x, { ...style, features, kernel, stride });
    y = convBlock(parameter, `${name}.conv2`, y, { ...last, kernel });
  } else {
    const inside = { features: bottleneck };
    y = convBlock(parameter, `${name}.conv1`, x, { ...plain, ...inside, kernel: pointwise });
    y = convBlock(parameter, `${name}.conv2`, y, { ...style, ...inside, kernel, stride });
    y = convBlock(parameter, `${name}.conv3`, y, { ...last, kernel: pointwise });
  }
  const activate = nonlinearityOf(
    parameter,
    `${name}.nonlin${bottleneck === undefined ? 2 : 3}`,
    style.nonlinearity,
  );
  const strided = stride.some((n) => n !== 1);
  let shortcut = strided ? averagePool(x, stride) : x;
  if (x.shape[1] !== features) {
    // In upstream's sequence of modules, the projection follows the pooling, if any.
    shortcut = convBlock(parameter, `${name}.skip.${strided ? 1 : 0}`, shortcut, {
      ...plain,
      features,
      kernel: pointwise,
      bias: false,
      nonlinearity: null,
    });
  }
  return activate(add(y, shortcut));
}
