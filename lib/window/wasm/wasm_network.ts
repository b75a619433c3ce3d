/**
 * Runs convolutional networks in WebAssembly with this library's own kernels, on one thread.
 *
 * ONNX Runtime's WebAssembly multiplies matrices without fused instructions, and its 3D convolutions
 * take several times as long as those of `onnxruntime-node`: `NOTES.md` has the measurements. These
 * kernels run the networks of nnU-Net's architectures; others are left to ONNX Runtime.
 */

import { sizeOf, type Zyx } from "../../array/nd_array.ts";
import { convolutionAttributes } from "../../graph/attributes.ts";
import type { Graph, Node, Value } from "../../graph/graph.ts";
import { cutsIntoBricks } from "../../lowering/bricks.ts";
import { compileKernels, type Kernel } from "../../simd/kernel.ts";
import { arrangeWeights, type ConvolutionPlan, planConvolution } from "./convolution_plan.ts";
import { imageKernels } from "./image_kernels.ts";
import { multiplyKernel, ROWS, UNIT, UNIT_BYTES } from "./matrix_kernel.ts";
import {
  aligned,
  filledChannels,
  hasBorder,
  placeRegions,
  type Region,
  stepsOf,
  unitBytes,
  type UnitImage,
} from "./unit_image.ts";
import { imageMixKernel, MIXING_BYTES, outputMixKernel, type Tile } from "./winograd_kernels.ts";

type Kernels = Readonly<Record<string, (...parameters: number[]) => void>>;

/** What steps compute in. */
interface Machine {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  /** Address of the results of sums and of the parameters of affine functions. */
  readonly parameters: number;
  /** Address of the panels of convolutions. */
  readonly panels: number;
}

/** Computes a node's output. */
type Step = (machine: Machine) => void;

/** Numbers that are written once, before the first run. */
interface Constant {
  readonly floats: number;
  /** Address in bytes, once it is known. */
  address: number;
  fill(target: Float32Array): void;
}

/** Bytes of a machine's parameters. */
const PARAMETER_BYTES = 256;

/** Bytes by which WebAssembly's memory grows. */
const PAGE = 65536;

/** A network ready to run. */
export class WasmNetwork {
  readonly #plan: NetworkPlan;
  readonly #machine: Machine;

  private constructor(plan: NetworkPlan, machine: Machine) {
    this.#plan = plan;
    this.#machine = machine;
  }

  /**
   * Prepares networks, which run one after another in the same memory.
   *
   * @param graphs Graphs of the same architecture, each with one input, (1, c, …patch), and one output
   * of one sample, whose weights are constants.
   * @returns Undefined if there is an operator that these kernels do not compute.
   * @throws {RangeError} If the memory cannot be allocated.
   */
  static of(graphs: readonly Graph[]): readonly WasmNetwork[] | undefined {
    const plans = plansOf(graphs);
    if (!plans) return undefined;
    const { panels, end } = layOut(plans);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE) });
    for (const { address, floats, fill } of plans.flatMap(({ constants }) => constants)) {
      fill(new Float32Array(memory.buffer, address, floats));
    }
    const kernels = compileKernels(plans[0].kernels, memory);
    const machine = { kernels, memory, parameters: MIXING_BYTES, panels };
    return plans.map((plan) => new WasmNetwork(plan, machine));
  }

  /** Returns the bytes that networks take; undefined if these kernels do not compute them. */
  static bytesOf(graphs: readonly Graph[]): number | undefined {
    const plans = plansOf(graphs);
    return plans && layOut(plans).end;
  }

  /**
   * Runs the network.
   *
   * @param image (1, c, …patch)
   * @returns The output, in C order.
   */
  run(image: Float32Array): Float32Array<ArrayBuffer> {
    const { input, output, steps } = this.#plan;
    const { memory } = this.#machine;
    const channels = input.channels.filter((channel) => channel >= 0).length;
    writeImage(image, channels, input, memory);
    for (const step of steps) step(this.#machine);
    return readImage(output, memory);
  }
}

/** Returns the plans of graphs; undefined if the kernels do not compute them. */
function plansOf(graphs: readonly Graph[]): NetworkPlan[] | undefined {
  const plans = graphs.map(planOf);
  return plans.every((plan) => plan !== undefined) ? plans : undefined;
}

/**
 * Chooses the addresses of everything.
 *
 * @returns Those of the panels, and the end of the memory.
 */
function layOut(plans: readonly NetworkPlan[]): { readonly panels: number; readonly end: number } {
  let address = MIXING_BYTES + PARAMETER_BYTES;
  for (const constant of plans.flatMap(({ constants }) => constants)) {
    constant.address = address;
    address = aligned(address + 4 * constant.floats);
  }
  const first = aligned(address + Math.max(...plans.map(({ panelBytes }) => panelBytes)));
  const ends = plans.map(({ regions }) => placeRegions(regions, first));
  return { panels: address, end: Math.max(...ends) };
}

/** What a network consists of. */
interface NetworkPlan {
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
function planOf(graph: Graph): NetworkPlan | undefined {
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

/** Fills images with zeros, of which their borders consist. */
function clear({ memory }: Pick<Machine, "memory">, { units }: UnitImage): void {
  for (const { address, bytes } of units) new Uint8Array(memory.buffer, address, bytes).fill(0);
}

/** Part of a row of tiles or voxels. */
interface Run {
  readonly z: number;
  readonly y: number;
  readonly x: number;
  readonly count: number;
  /** Index of its first in the chunk. */
  readonly at: number;
}

/** Cuts a range of tiles or voxels into runs along x. */
function runsOf([, rows, columns]: Zyx, from: number, to: number): Run[] {
  const runs: Run[] = [];
  for (let index = from; index < to;) {
    const x = index % columns;
    const row = Math.floor(index / columns);
    const count = Math.min(columns - x, to - index);
    runs.push({ z: Math.floor(row / rows), y: row % rows, x, count, at: index - from });
    index += count;
  }
  return runs;
}

/** What a convolution multiplies. */
interface Products {
  readonly plan: ConvolutionPlan;
  readonly weights: Constant;
  readonly offsets: Constant;
}

/** Calls a function for every chunk with its runs and the number of its rows, filled up. */
function forEachChunk(
  { counts, chunk }: ConvolutionPlan,
  visit: (runs: readonly Run[], rows: number) => void,
): void {
  const total = sizeOf(counts);
  for (let from = 0; from < total; from += chunk) {
    const to = Math.min(total, from + chunk);
    visit(runsOf(counts, from, to), Math.ceil((to - from) / ROWS) * ROWS);
  }
}

function mixedConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, tile, name, weights, offsets, zeros, margin }: Products & {
    readonly tile: Tile;
    /** Biases of the products; the outputs' are added to their mixes. */
    readonly zeros: Constant;
    readonly name: string;
    readonly margin: Zyx;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [mixImage, mixOutput] = [kernels[`image${name}`], kernels[`output${name}`]];
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const { products, summed } = plan;
  const filters = result.units.length;
  const first = from.origin - margin[0] * from.plane - margin[1] * from.row -
    margin[2] * UNIT_BYTES;
  const [mz, my, mx] = tile.map(({ outputs }) => outputs);
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const [imageStep, outputStep] = [summed * unit, filters * unit];
    const outputs = panels + products * imageStep;
    for (const { z, y, x, count, at } of runs) {
      const offset = first + z * mz * from.plane + y * my * from.row + x * mx * UNIT_BYTES;
      for (const [i, { address }] of image.units.entries()) {
        const target = panels + i * unit + at * UNIT_BYTES;
        mixImage(address + offset, target, from.plane, from.row, imageStep, count);
      }
    }
    const weightBytes = summed * filters * UNIT * UNIT_BYTES;
    for (let product = 0; product < products; product++) {
      kernels.multiply(
        panels + product * imageStep,
        weights.address + product * weightBytes,
        zeros.address,
        outputs + product * outputStep,
        unit,
        unit,
        summed,
        rows / ROWS,
        filters,
      );
    }
    for (const { z, y, x, count, at } of runs) {
      const offset = to.origin + z * mz * to.plane + y * my * to.row + x * mx * UNIT_BYTES;
      for (const [i, { address }] of result.units.entries()) {
        const source = outputs + i * unit + at * UNIT_BYTES;
        const bias = offsets.address + i * UNIT_BYTES;
        mixOutput(source, address + offset, outputStep, to.plane, to.row, bias, count);
      }
    }
  });
  clearOverhang(machine, result, plan.counts.map((count, i) => count * tile[i].outputs));
}

/** Restores the zeros after an image that whole tiles have covered. */
function clearOverhang(
  { memory }: Machine,
  { size, units }: UnitImage,
  covered: readonly number[],
): void {
  if (size.every((extent, axis) => extent === covered[axis])) return;
  const { plane, row, origin } = stepsOf(size);
  for (const { address } of units) {
    for (let z = 0; z < covered[0]; z++) {
      for (let y = 0; y < covered[1]; y++) {
        const isInside = z < size[0] && y < size[1];
        const x = isInside ? size[2] : 0;
        const at = address + origin + z * plane + y * row + x * UNIT_BYTES;
        new Uint8Array(memory.buffer, at, (covered[2] - x) * UNIT_BYTES).fill(0);
      }
    }
  }
}

function gatheredConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, kernel, strides, weights, offsets, margin }: Products & {
    readonly kernel: Zyx;
    readonly strides: Zyx;
    readonly margin: Zyx;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const first = from.origin - margin[0] * from.plane - margin[1] * from.row -
    margin[2] * UNIT_BYTES;
  const taps: number[] = [];
  for (let z = 0; z < kernel[0]; z++) {
    for (let y = 0; y < kernel[1]; y++) {
      for (let x = 0; x < kernel[2]; x++) {
        taps.push(first + z * from.plane + y * from.row + x * UNIT_BYTES);
      }
    }
  }
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const outputs = panels + plan.summed * unit;
    for (const { z, y, x, count, at } of runs) {
      const offset = z * strides[0] * from.plane + y * strides[1] * from.row +
        x * strides[2] * UNIT_BYTES;
      let target = panels + at * UNIT_BYTES;
      for (const tap of taps) {
        for (const { address } of image.units) {
          kernels.copy(address + tap + offset, target, strides[2] * UNIT_BYTES, UNIT_BYTES, count);
          target += unit;
        }
      }
    }
    multiplyOnce(machine, { plan, weights, offsets }, rows, result.units.length);
    for (const { z, y, x, count, at } of runs) {
      const offset = to.origin + z * to.plane + y * to.row + x * UNIT_BYTES;
      for (const [i, { address }] of result.units.entries()) {
        const source = outputs + i * unit + at * UNIT_BYTES;
        kernels.copy(source, address + offset, UNIT_BYTES, UNIT_BYTES, count);
      }
    }
  });
}

/** Multiplies a chunk's panel by weights; the result follows the panel. */
function multiplyOnce(
  { kernels, panels }: Machine,
  { plan: { summed }, weights, offsets }: Products,
  rows: number,
  filters: number,
): void {
  const unit = rows * UNIT_BYTES;
  kernels.multiply(
    panels,
    weights.address,
    offsets.address,
    panels + summed * unit,
    unit,
    unit,
    summed,
    rows / ROWS,
    filters,
  );
}

function transposedConvolution(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { plan, kernel, weights, offsets, filterUnits }: Products & {
    readonly kernel: Zyx;
    readonly filterUnits: number;
  },
): void {
  clear(machine, result);
  const { kernels, panels } = machine;
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const taps = sizeOf(kernel);
  const [kz, ky, kx] = kernel;
  forEachChunk(plan, (runs, rows) => {
    const unit = rows * UNIT_BYTES;
    const outputs = panels + plan.summed * unit;
    for (const { z, y, x, count, at } of runs) {
      const offset = from.origin + z * from.plane + y * from.row + x * UNIT_BYTES;
      for (const [i, { address }] of image.units.entries()) {
        const target = panels + i * unit + at * UNIT_BYTES;
        kernels.copy(address + offset, target, UNIT_BYTES, UNIT_BYTES, count);
      }
    }
    multiplyOnce(machine, { plan, weights, offsets }, rows, taps * filterUnits);
    for (const { z, y, x, count, at } of runs) {
      let source = outputs + at * UNIT_BYTES;
      for (let tap = 0; tap < taps; tap++) {
        const [dz, dy, dx] = [Math.floor(tap / (ky * kx)), Math.floor(tap / kx) % ky, tap % kx];
        const offset = to.origin + (z * kz + dz) * to.plane + (y * ky + dy) * to.row +
          (x * kx + dx) * UNIT_BYTES;
        for (const { address } of result.units) {
          kernels.copy(source, address + offset, UNIT_BYTES, kx * UNIT_BYTES, count);
          source += unit;
        }
      }
    }
  });
}

/** Sets one unit of an image to affine functions of another's, and applies a leaky ReLU. */
function applyAffine(
  { kernels, parameters, memory }: Machine,
  { size }: UnitImage,
  { address }: Region,
  target: Region,
  affineOf: (place: number) => readonly [factor: number, offset: number],
  slope: number,
): void {
  const numbers = new Float32Array(memory.buffer, parameters, 2 * UNIT + 4);
  for (let place = 0; place < UNIT; place++) {
    [numbers[place], numbers[UNIT + place]] = affineOf(place);
  }
  numbers.fill(slope, 2 * UNIT);
  if (target.address !== address) {
    new Uint8Array(memory.buffer, target.address, target.bytes).fill(0);
  }
  const { plane, row, origin } = stepsOf(size);
  kernels.affine(address + origin, target.address + origin, parameters, plane, row, ...size);
}

function normalize(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  { factors, offsets, epsilon, slope }: {
    readonly factors: Float32Array;
    readonly offsets: Float32Array;
    readonly epsilon: number;
    readonly slope: number;
  },
): void {
  const { kernels, memory, parameters } = machine;
  const { plane, row, origin } = stepsOf(image.size);
  const voxels = sizeOf(image.size);
  const sums = new Float64Array(memory.buffer, parameters, 2 * UNIT);
  for (const [i, unit] of image.units.entries()) {
    kernels.statistics(unit.address + origin, parameters, plane, row, ...image.size);
    const found = sums.slice();
    applyAffine(machine, image, unit, result.units[i], (place) => {
      const channel = image.channels[i * UNIT + place];
      if (channel < 0) return [0, 0];
      const mean = found[place] / voxels;
      const variance = Math.max(0, found[UNIT + place] / voxels - mean ** 2);
      const factor = factors[channel] / Math.sqrt(variance + epsilon);
      return [factor, offsets[channel] - mean * factor];
    }, slope);
  }
}

function averagePool(
  machine: Machine,
  image: UnitImage,
  result: UnitImage,
  [kz, ky, kx]: Zyx,
): void {
  clear(machine, result);
  const [from, to] = [stepsOf(image.size), stepsOf(result.size)];
  const [depth, rows, columns] = result.size;
  for (const [i, { address }] of image.units.entries()) {
    const target = result.units[i];
    for (let z = 0; z < depth * kz; z++) {
      for (let y = 0; y < rows * ky; y++) {
        const source = address + from.origin + z * from.plane + y * from.row;
        const at = target.address + to.origin + Math.floor(z / kz) * to.plane +
          Math.floor(y / ky) * to.row;
        for (let x = 0; x < kx; x++) {
          machine.kernels.accumulate(source + x * UNIT_BYTES, at, kx * UNIT_BYTES, columns);
        }
      }
    }
    applyAffine(machine, result, target, target, () => [1 / (kz * ky * kx), 0], 1);
  }
}

/** Writes an image (c, …size) into its units. */
function writeImage(
  values: Float32Array,
  channels: number,
  image: UnitImage,
  memory: WebAssembly.Memory,
): void {
  clear({ memory }, image);
  forEachRow(image, memory, channels, (row, place, channel, first, columns) => {
    const from = channel * sizeOf(image.size) + first;
    for (let x = 0; x < columns; x++) row[x * UNIT + place] = values[from + x];
  });
}

/** Reads an image into an array (c, …size). */
function readImage(image: UnitImage, memory: WebAssembly.Memory): Float32Array<ArrayBuffer> {
  const channels = image.channels.filter((channel) => channel >= 0).length;
  const voxels = sizeOf(image.size);
  const values = new Float32Array(channels * voxels);
  forEachRow(image, memory, channels, (row, place, channel, first, columns) => {
    const to = channel * voxels + first;
    for (let x = 0; x < columns; x++) values[to + x] = row[x * UNIT + place];
  });
  return values;
}

/** Visits the rows of all channels. */
function forEachRow(
  { size, units, channels: all }: UnitImage,
  memory: WebAssembly.Memory,
  channels: number,
  visit: (
    row: Float32Array,
    place: number,
    channel: number,
    first: number,
    columns: number,
  ) => void,
): void {
  const [depth, rows, columns] = size;
  const { plane, row, origin } = stepsOf(size);
  for (let channel = 0; channel < channels; channel++) {
    const index = all.indexOf(channel);
    const { address } = units[Math.floor(index / UNIT)];
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < rows; y++) {
        const at = address + origin + z * plane + y * row;
        const numbers = new Float32Array(memory.buffer, at, columns * UNIT);
        visit(numbers, index % UNIT, channel, (z * rows + y) * columns, columns);
      }
    }
  }
}
