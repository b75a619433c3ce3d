/** Plans the steps of a network, with the memory and the kernels that they need. */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import { convolutionAttributes } from "../../graph/attributes.ts";
import type { Graph, Node, Value } from "../../graph/graph.ts";
import { cutsIntoBricks } from "../../lowering/bricks.ts";
import type { Kernel } from "../../simd/kernel.ts";
import { arrangeWeights, type ConvolutionPlan, planConvolution } from "./convolution_plan.ts";
import {
  gatheredConvolution,
  mixedConvolution,
  transposedConvolution,
} from "./convolution_steps.ts";
import { imageKernels } from "./image_kernels.ts";
import { applyAffine, averagePool, normalize } from "./image_steps.ts";
import type { Constant, Step } from "./machine.ts";
import { multiplyKernel, UNIT, UNIT_BYTES } from "./matrix_kernel.ts";
import { filledChannels, hasBorder, type Region, unitBytes, type UnitImage } from "./unit_image.ts";
import { imageMixKernel, outputMixKernel, type Tile } from "./winograd_kernels.ts";

/** What a network consists of. */
export interface NetworkPlan {
  readonly input: UnitImage;
  readonly output: UnitImage;
  readonly steps: readonly Step[];
  /** In the order in which they are written first. */
  readonly regions: readonly Region[];
  readonly constants: readonly Constant[];
  readonly panelBytes: number;
  readonly kernels: Readonly<Record<string, Kernel>>;
}

/** Returns a graph's plan; undefined if it contains something that the kernels do not compute. */
export function planOf(graph: Graph): NetworkPlan | undefined {
  const [input] = graph.inputs;
  const [output] = graph.outputs.values();
  const isImage = ({ type, shape }: Value) =>
    type === "float32" && shape[0] === 1 && (shape.length === 4 || shape.length === 5);
  if (graph.inputs.length !== 1 || graph.outputs.size !== 1 || !isImage(input)) return undefined;
  const builder = new PlanBuilder(graph);
  builder.addInput(input);
  for (const node of graph.nodes) if (!builder.add(node)) return undefined;
  return builder.finish(input, output);
}

/** (…size) → (z, y, x) with z of 1 for planes. */
function inThree(extents: readonly number[], fill = 1): Zyx {
  return (extents.length === 3 ? extents : [fill, ...extents]) as unknown as Zyx;
}

class PlanBuilder {
  readonly #graph: Graph;
  readonly #images = new Map<Value, UnitImage>();
  readonly #uses = new Map<Value, Node[]>();
  readonly #steps: Step[] = [];
  readonly #regions: Region[] = [];
  readonly #constants: Constant[] = [];
  readonly #kernels: Record<string, Kernel> = { ...imageKernels, multiply: multiplyKernel };
  readonly #skipped = new Set<Node>();
  #panelBytes = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const node of graph.nodes) {
      for (const value of node.inputs) {
        if (value) this.#uses.set(value, [...this.#uses.get(value) ?? [], node]);
      }
    }
  }

  addInput(input: Value): void {
    this.#images.set(input, this.#newImage(input));
  }

  finish(input: Value, output: Value): NetworkPlan | undefined {
    const result = this.#images.get(output);
    if (!result) return undefined;
    for (const unit of result.units) unit.last = Infinity;
    return {
      input: this.#images.get(input)!,
      output: result,
      steps: this.#steps,
      regions: this.#regions,
      constants: this.#constants,
      panelBytes: this.#panelBytes,
      kernels: this.#kernels,
    };
  }

  /** Adds a node. @returns Whether the kernels compute it. */
  add(node: Node): boolean {
    if (this.#skipped.has(node)) return true;
    switch (node.operator) {
      case "Conv":
        return this.#convolution(node);
      case "ConvTranspose":
        return this.#transposedConvolution(node);
      case "InstanceNormalization":
        return this.#normalization(node);
      case "LeakyRelu":
        return this.#activation(node);
      case "Concat":
        return this.#concatenation(node);
      case "Add":
        return this.#sum(node);
      case "AveragePool":
        return this.#averagePool(node);
      default:
        return false;
    }
  }

  /** Returns a new image for a value (1, c, …size), which the next step writes. */
  #newImage({ shape: [, channels, ...size] }: Value): UnitImage {
    const zyx = inThree(size);
    const all = filledChannels(channels);
    const step = this.#steps.length;
    const units = Array.from({ length: all.length / UNIT }, (): Region => {
      const region = { bytes: unitBytes(zyx), address: 0, first: step, last: step };
      this.#regions.push(region);
      return region;
    });
    return { size: zyx, units, channels: all };
  }

  /** Returns an image that the next step reads. */
  #read(value: Value | null): UnitImage | undefined {
    const image = value ? this.#images.get(value) : undefined;
    for (const unit of image?.units ?? []) unit.last = this.#steps.length;
    return image;
  }

  /** Whether an image is read by nothing after one node, so that it may be overwritten. */
  #isLastUse(value: Value): boolean {
    const isShared = this.#graph.producerOf(value)?.operator === "Concat";
    return !isShared && this.#uses.get(value)!.length === 1 &&
      ![...this.#graph.outputs.values()].includes(value) && !this.#graph.inputs.includes(value);
  }

  #constant(floats: number, fill: Constant["fill"]): Constant {
    const constant = { floats, address: 0, fill };
    this.#constants.push(constant);
    return constant;
  }

  /** Numbers per channel, in the order of an image's channels; zeros if they are left out. */
  #perChannel(values: Value | null | undefined, channels: readonly number[]): Constant {
    const numbers = values?.constant as Float32Array | undefined;
    return this.#constant(channels.length, (target) => {
      for (const [i, channel] of channels.entries()) target[i] = numbers?.[channel] ?? 0;
    });
  }

  #convolution({ inputs: [x, w, bias], outputs: [y], attributes }: Node): boolean {
    const image = this.#read(x);
    const weight = w!.constant;
    if (!image || !(weight instanceof Float32Array)) return false;
    const rank = w!.shape.length - 2;
    const { strides, dilations, pads, group } = convolutionAttributes(attributes, rank);
    const kernel = inThree(w!.shape.slice(2));
    const margins = kernel.map((extent) => (extent - 1) / 2);
    // Borders are of one voxel.
    const fits = group === 1 && dilations.every((n) => n === 1) &&
      margins.every((margin, i) => margin === 0 || (margin === 1 && hasBorder(image.size, i))) &&
      pads.every((pad, i) => pad === margins.slice(3 - rank)[i % rank]);
    if (!fits) return false;
    const result = this.#newImage(y);
    const units = { image: image.units.length, result: result.units.length };
    const shape = { places: result.size, kernel, strides: inThree(strides), units };
    const plan = planConvolution(shape);
    const taps = sizeOf(kernel);
    const weights = this.#constant(
      plan.products * plan.summed * units.result * UNIT * UNIT,
      (target) => arrangeWeights(weight, plan, taps, result.channels, image.channels, target),
    );
    const offsets = this.#perChannel(bias, result.channels);
    this.#reservePanels(plan, units.result);
    const margin = margins as unknown as Zyx;
    if (plan.tile) {
      const name = this.#addMixKernels(plan.tile);
      const zeros = this.#perChannel(undefined, result.channels);
      this.#steps.push((machine) =>
        mixedConvolution(machine, image, result, {
          plan,
          tile: plan.tile!,
          name,
          weights,
          offsets,
          zeros,
          margin,
        })
      );
    } else {
      this.#steps.push((machine) =>
        gatheredConvolution(machine, image, result, { plan, ...shape, weights, offsets, margin })
      );
    }
    this.#images.set(y, result);
    return true;
  }

  #addMixKernels(tile: Tile): string {
    const name = tile.map(({ products }) => products).join("x");
    this.#kernels[`image${name}`] ??= imageMixKernel(tile);
    this.#kernels[`output${name}`] ??= outputMixKernel(tile);
    return name;
  }

  #reservePanels({ products, summed, chunk }: ConvolutionPlan, filters: number): void {
    this.#panelBytes = Math.max(
      this.#panelBytes,
      products * (summed + filters) * chunk * UNIT_BYTES,
    );
  }

  #transposedConvolution({ inputs: [x, w, bias], outputs: [y], attributes }: Node): boolean {
    const image = this.#read(x);
    const weight = w!.constant;
    if (!image || !(weight instanceof Float32Array)) return false;
    const [channels, filters, ...extents] = w!.shape;
    if (!cutsIntoBricks(extents, convolutionAttributes(attributes, extents.length))) return false;
    const kernel = inThree(extents);
    const taps = sizeOf(kernel);
    const result = this.#newImage(y);
    // Every tap is a convolution of its own, with one tap.
    const units = { image: image.units.length, result: taps * result.units.length };
    const plan = planConvolution({
      ...{ places: image.size, kernel: [1, 1, 1], strides: [1, 1, 1], units },
    });
    const one = result.channels.length;
    const weights = this.#constant(plan.summed * units.result * UNIT * UNIT, (target) => {
      const part = new Float32Array(filters * channels);
      for (let tap = 0; tap < taps; tap++) {
        for (let f = 0; f < filters; f++) {
          for (let c = 0; c < channels; c++) {
            part[f * channels + c] = weight[(c * filters + f) * taps + tap];
          }
        }
        const length = target.length / taps;
        const at = target.subarray(tap * length, (tap + 1) * length);
        arrangeWeights(part, plan, 1, result.channels, image.channels, at);
      }
    });
    const perTap = Array.from({ length: taps }, () => result.channels).flat();
    const offsets = this.#perChannel(bias, perTap);
    this.#reservePanels(plan, units.result);
    this.#steps.push((machine) =>
      transposedConvolution(machine, image, result, {
        plan,
        kernel,
        weights,
        offsets,
        filterUnits: one / UNIT,
      })
    );
    this.#images.set(y, result);
    return true;
  }

  #normalization(node: Node): boolean {
    const { inputs: [x, scale, bias], outputs: [y], attributes } = node;
    const image = this.#read(x);
    const [factors, offsets] = [scale, bias].map((value) => value!.constant);
    const isKnown = factors instanceof Float32Array && offsets instanceof Float32Array;
    if (!image || !isKnown) return false;
    const result = this.#isLastUse(x!) ? image : this.#newImage(y);
    const users = this.#uses.get(y) ?? [];
    const activation = users.length === 1 && users[0].operator === "LeakyRelu" &&
        ![...this.#graph.outputs.values()].includes(y)
      ? users[0]
      : undefined;
    const slope = activation ? activation.attributes.alpha as number : 1;
    if (slope < 0 || slope > 1) return false;
    const epsilon = attributes.epsilon as number;
    this.#steps.push((machine) =>
      normalize(machine, image, result, { factors, offsets, epsilon, slope })
    );
    this.#images.set(y, result);
    if (activation) {
      this.#skipped.add(activation);
      this.#images.set(activation.outputs[0], result);
    }
    return true;
  }

  #activation({ inputs: [x], outputs: [y], attributes }: Node): boolean {
    const slope = attributes.alpha as number;
    const image = this.#read(x);
    if (!image || slope < 0 || slope > 1) return false;
    const result = this.#isLastUse(x!) ? image : this.#newImage(y);
    this.#steps.push((machine) => {
      for (const [i, unit] of image.units.entries()) {
        applyAffine(machine, image, unit, result.units[i], () => [1, 0], slope);
      }
    });
    this.#images.set(y, result);
    return true;
  }

  #concatenation({ inputs, outputs: [y], attributes }: Node): boolean {
    if (attributes.axis !== 1) return false;
    const images = inputs.map((input) => this.#images.get(input!));
    if (!images.every((image) => image !== undefined)) return false;
    let first = 0;
    const channels = images.flatMap((image, i) => {
      const moved = image.channels.map((channel) => channel < 0 ? -1 : first + channel);
      first += inputs[i]!.shape[1];
      return moved;
    });
    const units = images.flatMap((image) => image.units);
    this.#images.set(y, { size: images[0].size, units, channels });
    return true;
  }

  #sum({ inputs: [a, b], outputs: [y] }: Node): boolean {
    const [one, other] = [this.#read(a), this.#read(b)];
    const isEqual = one && other &&
      `${one.size} ${one.channels}` === `${other.size} ${other.channels}`;
    if (!isEqual) return false;
    const result = this.#isLastUse(a!) ? one : this.#newImage(y);
    const count = unitBytes(one.size) / UNIT_BYTES;
    this.#steps.push(({ kernels }) => {
      for (const [i, { address }] of result.units.entries()) {
        kernels.add(one.units[i].address, other.units[i].address, address, count);
      }
    });
    this.#images.set(y, result);
    return true;
  }

  #averagePool({ inputs: [x], outputs: [y], attributes }: Node): boolean {
    const image = this.#read(x);
    const rank = x!.shape.length - 2;
    const window = attributes.kernel_shape as readonly number[];
    const { strides, pads } = convolutionAttributes(attributes, rank);
    if (!image || `${strides}` !== `${window}` || pads.some((pad) => pad > 0)) return false;
    const result = this.#newImage(y);
    this.#steps.push((machine) => averagePool(machine, image, result, inThree(window)));
    this.#images.set(y, result);
    return true;
  }
}
