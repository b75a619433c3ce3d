/**
 * Turns images into tokens, vectors of features for the patches of a grid, and back, with the
 * parameter names of PyTorch's state dict.
 *
 * @see Dosovitskiy et al. 2021, An Image Is Worth 16×16 Words
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import { add, matmul, reshape, transpose } from "../graph/operators.ts";
import { heNormal } from "./conv_block.ts";
import type { Initialization, ParameterSource } from "./network.ts";

/** Options of {@link linear}. */
export interface LinearOptions {
  /** Number of output features. */
  readonly features: number;
  /** True by default. */
  readonly bias?: boolean;
  /** How the first weights are drawn; a normal distribution of deviation 0.02 by default. */
  readonly initialization?: Initialization;
}

/**
 * Applies a linear layer to every token.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, tokens, c)
 * @param options The number of features, and whether there is a bias.
 * @returns (n, tokens, features)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, linear } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const x = graph.input("x", "float32", [2, 64, 24]);
 * const parameter = (name: string, shape: readonly number[]) =>
 *   graph.placeholder("float32", shape, name);
 * assert.deepEqual(linear(parameter, "fc", x, { features: 8 }).shape, [2, 64, 8]);
 * ```
 */
export function linear(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { features, bias = true, initialization = { normal: { deviation: 0.02 } } }: LinearOptions,
): Value {
  const weight = parameter(`${name}.weight`, [features, x.shape.at(-1)!], initialization);
  const product = matmul(x, transpose(weight, [1, 0]));
  return bias ? add(product, parameter(`${name}.bias`, [features], 0)) : product;
}

/** Options of {@link patchTokens}. */
export interface PatchTokensOptions {
  /** Number of features of a token. */
  readonly features: number;
  /** Voxels per axis of a patch, which divide the image's. */
  readonly patch: Shape;
}

/**
 * Applies a convolution whose kernel and stride are a patch, which makes each patch one token.
 *
 * @param parameter Returns parameters by name.
 * @param name Prefix of the parameters' names.
 * @param x (n, c, …spatial)
 * @param options The patch and the number of features.
 * @returns (n, tokens, features), with the patches in C order.
 * @throws {RangeError} If an axis of the image is not a multiple of the patch's.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, patchTokens } from "nnunet/parts";
 *
 * const graph = new Graph();
 * const image = graph.input("image", "float32", [2, 1, 16, 16, 24]);
 * const parameter = (name: string, shape: readonly number[]) =>
 *   graph.placeholder("float32", shape, name);
 * const tokens = patchTokens(parameter, "proj", image, { features: 24, patch: [8, 8, 8] });
 * assert.deepEqual(tokens.shape, [2, 12, 24]);
 * ```
 */
export function patchTokens(
  parameter: ParameterSource,
  name: string,
  x: Value,
  { features, patch }: PatchTokensOptions,
): Value {
  const [, channels, ...size] = x.shape;
  if (size.some((extent, axis) => extent % patch[axis] !== 0)) {
    throw new RangeError(
      `Cannot divide an image of ${size.join(" × ")} voxels into patches of ` +
        `${patch.join(" × ")}, expected multiples of them`,
    );
  }
  const weight = parameter(`${name}.weight`, [features, channels, ...patch], heNormal);
  const bias = parameter(`${name}.bias`, [features], 0);
  const inputs = channels * sizeOf(patch);
  const grid = size.map((extent, axis) => extent / patch[axis]);
  // (n, c, z, 8, y, 8, x, 8) → (n, z, y, x, c, 8, 8, 8)
  const apart = reshape(x, [0, channels, ...grid.flatMap((count, axis) => [count, patch[axis]])]);
  const order = [
    0,
    ...grid.map((_, axis) => 2 + 2 * axis),
    1,
    ...grid.map((_, axis) => 3 + 2 * axis),
  ];
  const patches = reshape(transpose(apart, order), [0, sizeOf(grid), inputs]);
  return add(matmul(patches, transpose(reshape(weight, [features, inputs]), [1, 0])), bias);
}

/**
 * Returns tokens as an image of feature maps.
 *
 * @param tokens (n, tokens, c)
 * @param grid Number of patches per axis.
 * @returns (n, c, …grid)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Graph, imageOfTokens } from "nnunet/parts";
 *
 * const tokens = new Graph().input("tokens", "float32", [2, 12, 24]);
 * assert.deepEqual(imageOfTokens(tokens, [2, 2, 3]).shape, [2, 24, 2, 2, 3]);
 * ```
 */
export function imageOfTokens(tokens: Value, grid: Shape): Value {
  return reshape(transpose(tokens, [0, 2, 1]), [0, tokens.shape[2], ...grid]);
}
