/**
 * Converts parameter names of upstream's U-Nets, whose modules are registered more than once.
 *
 * A convolution block registers its parts by name and again in a list, and the decoder registers
 * the encoder. PyTorch's state dict therefore names an encoder's convolution four times:
 * `encoder.X.conv.weight`, `encoder.X.all_modules.0.weight`, and both with the prefix `decoder.`.
 * All four are the same tensor. The optimiser uses the first name.
 *
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/simple_conv_blocks.py
 * (`ConvDropoutNormReLU.all_modules`) and building_blocks/unet_decoder.py (`UNetDecoder.encoder`)
 */

import type { NdArray } from "../array/nd_array.ts";

/**
 * Matches a part of a convolution block, such as `encoder.stages.0.0.convs.0.norm.weight`; blocks of
 * a transformer have parts of the same names, but register them once.
 */
const blockPart = /^(?!eva\.)(?<block>.+)\.(?<part>conv|norm|nonlin)\.(?<leaf>[^.]+)$/;
/** Indices in a block's list unless it has a dropout or its nonlinearity comes first. */
const listIndex: Readonly<Record<string, number>> = { conv: 0, norm: 1, nonlin: 2 };

/**
 * Name of zeros in Primus's state dict that stand for patches which a training omits; upstream's
 * trainers omit none.
 */
const MASK_TOKEN = "mask_token";

/** Returns the state dict of a Primus with its {@link MASK_TOKEN}, and others as they are. */
export function withMaskToken<T>(
  stateDict: ReadonlyMap<string, T | NdArray>,
): ReadonlyMap<string, T | NdArray> {
  const positions = stateDict.get("eva.pos_embed") as NdArray | undefined;
  if (!positions) return stateDict;
  const features = positions.shape[2];
  const zeros = { shape: [1, 1, features], data: new Float32Array(features) };
  return new Map<string, T | NdArray>([[MASK_TOKEN, zeros], ...stateDict]);
}

/** Whether a name in a state dict is that of a buffer, which no optimiser updates. */
export function isBuffer(name: string): boolean {
  return /\.(running_mean|running_var|num_batches_tracked)$/.test(name);
}

/** Whether a name in a state dict is that of an integer, the number of batches so far. */
export function isCount(name: string): boolean {
  return name.endsWith(".num_batches_tracked");
}

/** Modules of upstream's networks in PyTorch's parameter order. */
const modules = [
  "encoder.",
  "decoder.stages.",
  "decoder.transpconvs.",
  "decoder.seg_layers.",
  // Those of Primus.
  "down_projection.",
  "up_projection.",
  "eva.",
];

/**
 * Sorts parameters in PyTorch's order, which its optimisers use as an index: by module, and within
 * each module in the given order. This library's networks order them by resolution level instead.
 *
 * @param parameters Parameters by their first name. Those of other networks come last.
 */
export function inModuleOrder<T>(parameters: ReadonlyMap<string, T>): Map<string, T> {
  const moduleIndex = (name: string) => {
    const index = modules.findIndex((module) => name.startsWith(module));
    return index < 0 ? modules.length : index;
  };
  const sorted = [...parameters].sort(([a], [b]) => moduleIndex(a) - moduleIndex(b));
  // A block's buffers follow its parameters; the networks list those of all blocks at the end.
  // A nonlinearity is the last of its block, even if it is applied before the normalisation.
  const blocks = Map.groupBy(sorted, ([name]) => blockPart.exec(name)?.groups?.block ?? name);
  const partIndex = (name: string) => listIndex[blockPart.exec(name)?.groups?.part ?? "conv"];
  return new Map(
    [...blocks.values()].flatMap((block) => block.sort(([a], [b]) => partIndex(a) - partIndex(b))),
  );
}

/**
 * Returns the complete state dict of one of upstream's U-Nets, in PyTorch's order; aliases are the
 * same objects as the original values.
 *
 * @param parameters Parameters by their first name, in PyTorch's order: encoder, then decoder.
 * @param places Indices in their block's list of parameters whose module is not at the usual place.
 */
export function addAliases<T>(
  parameters: ReadonlyMap<string, T>,
  places: ReadonlyMap<string, number> = new Map(),
): Map<string, T> {
  const entries = [...parameters];
  const encoder = withBlockAliases(entries.filter(([name]) => name.startsWith("encoder.")), places);
  const rest = withBlockAliases(entries.filter(([name]) => !name.startsWith("encoder.")), places);
  return new Map([
    ...encoder,
    ...encoder.map(([name, value]): [string, T] => [`decoder.${name}`, value]),
    ...rest,
  ]);
}

/** Inserts the aliases of a block's parts after the block. */
function withBlockAliases<T>(
  entries: readonly (readonly [string, T])[],
  places: ReadonlyMap<string, number>,
): [string, T][] {
  const complete: [string, T][] = [];
  let aliases: { readonly place: number; readonly entry: [string, T] }[] = [];
  const addBlock = () => {
    aliases.sort((a, b) => a.place - b.place);
    complete.push(...aliases.map(({ entry }) => entry));
    aliases = [];
  };
  let current: string | undefined;
  for (const [name, value] of entries) {
    const { block, part, leaf } = blockPart.exec(name)?.groups ?? {};
    if (block !== current) {
      addBlock();
      current = block;
    }
    complete.push([name, value]);
    const place = places.get(name) ?? listIndex[part];
    if (block) aliases.push({ place, entry: [`${block}.all_modules.${place}.${leaf}`, value] });
  }
  addBlock();
  return complete;
}

/**
 * Returns the parameters by their first names, in the order of the optimiser.
 *
 * The prefix `module.` of networks trained on several GPUs is removed.
 */
export function dropAliases<T>(stateDict: ReadonlyMap<string, T>): Map<string, T> {
  const parameters = new Map<string, T>();
  for (const [key, value] of stateDict) {
    const name = key.replace(/^module\./, "");
    if (name.startsWith("decoder.encoder.") || name.includes(".all_modules.")) continue;
    if (name === MASK_TOKEN) continue;
    parameters.set(name, value);
  }
  return parameters;
}
