/**
 * Parameter names of upstream's U-Nets, whose modules are registered more than once.
 *
 * A convolution block holds its parts by name and again in a list, and the decoder holds the
 * encoder, so PyTorch's state dict names an encoder's convolution four times:
 * `encoder.X.conv.weight`, `encoder.X.all_modules.0.weight`, and both after `decoder.`. All four
 * are one tensor. The first name is the parameter's own, by which the optimiser counts.
 *
 * @see MIC-DKFZ/dynamic-network-architectures building_blocks/simple_conv_blocks.py
 * (`ConvDropoutNormReLU.all_modules`) and building_blocks/unet_decoder.py (`UNetDecoder.encoder`)
 */

/** A part of a convolution block, e.g. `encoder.stages.0.0.convs.0.norm.weight`. */
const blockPart = /^(?<block>.+)\.(?<part>conv|norm)\.(?<leaf>[^.]+)$/;
const listIndex: Readonly<Record<string, number>> = { conv: 0, norm: 1 };

/** Parts of upstream's U-Nets in the order in which PyTorch counts their parameters. */
const modules = ["encoder.", "decoder.stages.", "decoder.transpconvs.", "decoder.seg_layers."];

/**
 * Parameters in PyTorch's order, by which its optimisers tell them apart: module after module, and
 * within each as given. Ours come level by level, a decoder stage beside what feeds it.
 *
 * @param parameters By own name. What is of no U-Net comes last.
 */
export function inModuleOrder<T>(parameters: ReadonlyMap<string, T>): Map<string, T> {
  const place = (name: string) => {
    const index = modules.findIndex((module) => name.startsWith(module));
    return index < 0 ? modules.length : index;
  };
  return new Map([...parameters].sort(([a], [b]) => place(a) - place(b)));
}

/**
 * The complete state dict of a `PlainConvUNet` or `ResidualEncoderUNet` without dropout, in
 * PyTorch's order; aliases are the same objects as the values they name.
 *
 * @param parameters By own name, in PyTorch's order: encoder, then decoder.
 */
export function addAliases<T>(parameters: ReadonlyMap<string, T>): Map<string, T> {
  const entries = [...parameters];
  const encoder = withBlockAliases(entries.filter(([name]) => name.startsWith("encoder.")));
  const rest = withBlockAliases(entries.filter(([name]) => !name.startsWith("encoder.")));
  return new Map([
    ...encoder,
    ...encoder.map(([name, value]): [string, T] => [`decoder.${name}`, value]),
    ...rest,
  ]);
}

/** After the parts of a block come their aliases. */
function withBlockAliases<T>(entries: readonly (readonly [string, T])[]): [string, T][] {
  const complete: [string, T][] = [];
  let aliases: [string, T][] = [];
  let current: string | undefined;
  for (const [name, value] of entries) {
    const { block, part, leaf } = blockPart.exec(name)?.groups ?? {};
    if (block !== current) {
      complete.push(...aliases);
      aliases = [];
      current = block;
    }
    complete.push([name, value]);
    if (block) aliases.push([`${block}.all_modules.${listIndex[part]}.${leaf}`, value]);
  }
  return [...complete, ...aliases];
}

/**
 * The parameters by their own names, in the order in which an optimiser counts them.
 *
 * A leading `module.`, from networks trained on several GPUs, is dropped.
 */
export function dropAliases<T>(stateDict: ReadonlyMap<string, T>): Map<string, T> {
  const parameters = new Map<string, T>();
  for (const [key, value] of stateDict) {
    const name = key.replace(/^module\./, "");
    if (name.startsWith("decoder.encoder.") || name.includes(".all_modules.")) continue;
    parameters.set(name, value);
  }
  return parameters;
}
