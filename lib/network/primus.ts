/**
 * Builds Primus, a vision transformer for 3D segmentation, in its three versions and four sizes.
 *
 * @see Wald et al. 2025, Primus: Enforcing Attention Usage for 3D Medical Image Segmentation
 * @see MIC-DKFZ/dynamic-network-architectures architectures/primus.py,
 * building_blocks/{eva,patch_encode_decode}.py
 */

import { type Shape, sizeOf } from "../array/nd_array.ts";
import type { Value } from "../graph/graph.ts";
import {
  add,
  convTranspose,
  div,
  mul,
  reduceMean,
  reshape,
  sqrt,
  sub,
} from "../graph/operators.ts";
import { heNormal } from "./conv_block.ts";
import type { Network, ParameterSource } from "./network.ts";
import { gelu } from "./nonlinearity.ts";
import { residualBlock } from "./residual_block.ts";
import { rotaryPositions } from "./rotary_positions.ts";
import { imageOfTokens, patchTokens } from "./tokens.ts";
import { normalized, transformerBlock } from "./transformer_block.ts";

/** Voxels per axis of the patch that becomes a token. */
const PATCH = 8;
/** The patch is halved this often. */
const LEVELS = Math.log2(PATCH);
/** Hidden features of a perceptron per feature of a token. */
const HIDDEN = 4 * 2 / 3;
const LAYER_SCALE = 0.1;
const DEVIATION = 0.02;

/** A convolutional network that makes tokens, instead of a single layer. */
export interface PrimusStem {
  /** Feature maps at full resolution and after each halving. */
  readonly features: readonly number[];
  /** Slope of the leaky ReLUs for negative values; 0 for ReLUs. */
  readonly slope: number;
  /** Whether feature maps of every resolution are added to the tokens. */
  readonly skips: boolean;
}

/** Options of {@link primus}. */
export interface PrimusOptions {
  /** Number of output channels: one per label or one per region. */
  readonly heads: number;
  /** Number of features of a token, a multiple of 6 for each attention head. */
  readonly features: number;
  /** Number of transformer blocks. */
  readonly depth: number;
  /** Number of attention heads. */
  readonly attentionHeads: number;
  /** What makes tokens; by default one layer for each patch of 8×8×8 voxels. */
  readonly stem?: PrimusStem;
  /**
   * Probability with which a training step omits parts of the last block for a sample, 0.2 by
   * default; it increases linearly from 0 at the first block.
   */
  readonly dropPathRate?: number;
}

const sizes = {
  S: { features: 396, depth: 12, attentionHeads: 6 },
  B: { features: 792, depth: 12, attentionHeads: 12 },
  M: { features: 864, depth: 16, attentionHeads: 12 },
  L: { features: 1056, depth: 24, attentionHeads: 16 },
} as const;

const stems = {
  "": undefined,
  V2: { features: [32, 32, 64, 128], slope: 0, skips: false },
  V3: { features: [32, 64, 256, 1024], slope: 0.01, skips: true },
} as const satisfies Record<string, PrimusStem | undefined>;

/** Size and stem by upstream's class name, such as `PrimusV2M`. */
export const primusModels: ReadonlyMap<string, Omit<PrimusOptions, "heads">> = new Map(
  Object.entries(stems).flatMap(([version, stem]) =>
    Object.entries(sizes).map(([size, options]): [string, Omit<PrimusOptions, "heads">] => [
      `Primus${version}${size}`,
      { ...options, stem },
    ])
  ),
);

/**
 * Returns a Primus network, for 3D patches whose extents are multiples of 8. It has one output, also
 * in training.
 *
 * @param options Size, stem and heads.
 * @returns The network, a function that builds its output in a graph.
 * @throws {RangeError} If the features do not divide among the attention heads. The network throws a
 * `RangeError` if it is built for a patch of another kind.
 *
 * @example A small one
 * ```ts
 * import assert from "node:assert/strict";
 * import { parametersOf, primus } from "nnunet/parts";
 *
 * const network = primus({ heads: 3, features: 24, depth: 2, attentionHeads: 2 });
 * const parameters = parametersOf(network, [1, 1, 16, 16, 16]);
 * assert.equal(parameters[0].name, "down_projection.proj.weight");
 * assert.deepEqual(parameters[0].shape, [24, 1, 8, 8, 8]);
 * ```
 */
export function primus(options: PrimusOptions): Network {
  const { features, depth, attentionHeads, dropPathRate = 0.2 } = options;
  const perHead = features / attentionHeads;
  if (perHead % 6 !== 0) {
    throw new RangeError(
      `Cannot build Primus: it has ${features} features for ${attentionHeads} attention heads, ` +
        "expected a multiple of 6 for each",
    );
  }
  return (image, parameter, training) => {
    const size = image.shape.slice(2);
    requirePatch(size);
    const grid = size.map((extent) => extent / PATCH);
    const embedded = embed(parameter, "down_projection", image, options);
    const shape = [1, sizeOf(grid), features];
    const positions = parameter("eva.pos_embed", shape, { normal: { deviation: DEVIATION } });
    const rotation = rotaryPositions(image.graph, grid, perHead);
    let x = add(embedded, positions);
    for (let i = 0; i < depth; i++) {
      x = transformerBlock(parameter, `eva.blocks.${i}`, x, {
        heads: attentionHeads,
        hidden: Math.floor(features * HIDDEN),
        rotation,
        layerScale: LAYER_SCALE,
        lastDeviation: DEVIATION / Math.sqrt(2 * (i + 1)),
        dropRate: depth > 1 ? dropPathRate * i / (depth - 1) : 0,
        training,
      });
    }
    x = normalized(parameter, "eva.norm", x);
    return [
      decodePatches(parameter, "up_projection.decode", imageOfTokens(x, grid), options.heads),
    ];
  };
}

/** @throws {RangeError} If a patch cannot be divided into tokens. */
function requirePatch(size: Shape): void {
  if (size.length !== 3) {
    throw new RangeError(
      `Cannot build Primus: the patch has ${size.length} axes, expected 3; it exists in 3D only`,
    );
  }
  if (size.every((extent) => extent % PATCH === 0)) return;
  const nearest = size.map((extent) => Math.max(1, Math.round(extent / PATCH)) * PATCH);
  throw new RangeError(
    `Cannot build Primus: the patch has ${
      size.join(" × ")
    } voxels, expected multiples of ${PATCH}; ` +
      `change patch_size in the plans, for example to [${nearest.join(", ")}]`,
  );
}

/** (n, c, z, y, x) → (n, tokens, features) */
function embed(
  parameter: ParameterSource,
  name: string,
  image: Value,
  { features, stem }: PrimusOptions,
): Value {
  const tokens = (layer: string, x: Value, level: number) => {
    const extent = PATCH / 2 ** level;
    return patchTokens(parameter, `${name}.${layer}`, x, {
      features,
      patch: [extent, extent, extent],
    });
  };
  if (!stem) return tokens("proj", image, 0);

  const block = {
    kernel: [3, 3, 3],
    nonlinearity: { kind: "leakyRelu", slope: stem.slope },
  } as const;
  const maps: Value[] = [];
  let x = image;
  stem.features.forEach((count, level) => {
    const at = level === 0 ? "stem" : `stages.${level - 1}`;
    x = residualBlock(parameter, `${name}.${at}.blocks.0`, x, {
      ...block,
      features: count,
      stride: level === 0 ? undefined : [2, 2, 2],
      bias: level === 0,
      lastScale: 1,
    });
    maps.push(x);
  });
  const last = tokens("final_proj", x, LEVELS);
  if (!stem.skips) return last;
  const skips = maps.slice(0, -1).map((map, level) =>
    tokens(`proj_to_tokens.${level}`, map, level)
  );
  // The parameters of one kind follow those of the other.
  const scaled = skips.map((skip, level) =>
    mul(skip, parameter(`${name}.scale_proj_to_tokens.${level}`, [], 1e-5))
  );
  return scaled.reduce((sum, skip) => add(sum, skip), last);
}

/** Doubles the resolution until it is the image's, (n, features, …grid) → (n, heads, …spatial). */
function decodePatches(
  parameter: ParameterSource,
  name: string,
  x: Value,
  heads: number,
): Value {
  const [, features] = x.shape;
  const reduction = (features / (2 * heads)) ** (1 / LEVELS);
  for (let level = 1; level < LEVELS; level++) {
    const count = Math.max(8, Math.round((features / reduction ** level + 1e-6) / 8) * 8);
    x = doubled(parameter, `${name}.${level - 1}.0`, x, count);
    x = gelu(channelNorm(parameter, `${name}.${level - 1}.1`, x));
  }
  return doubled(parameter, `${name}.${LEVELS - 1}`, x, heads);
}

function doubled(parameter: ParameterSource, name: string, x: Value, features: number): Value {
  const weight = parameter(`${name}.weight`, [x.shape[1], features, 2, 2, 2], heNormal);
  const bias = parameter(`${name}.bias`, [features], 0);
  return convTranspose(x, weight, bias, { strides: [2, 2, 2] });
}

/** Normalises each voxel over its channels. */
function channelNorm(parameter: ParameterSource, name: string, x: Value): Value {
  const [, channels] = x.shape;
  const perChannel = (value: Value) => reshape(value, [channels, 1, 1, 1]);
  const scale = perChannel(parameter(`${name}.weight`, [channels], 1));
  const shift = perChannel(parameter(`${name}.bias`, [channels], 0));
  const centred = sub(x, reduceMean(x, [1], true));
  const variance = reduceMean(mul(centred, centred), [1], true);
  return add(mul(div(centred, sqrt(add(variance, 1e-6))), scale), shift);
}
