/**
 * Runs convolutional networks in WebAssembly with this library's own kernels, on one thread.
 *
 * ONNX Runtime's WebAssembly multiplies matrices without fused instructions, and its 3D convolutions
 * take several times as long as those of `onnxruntime-node`: `NOTES.md` has the measurements. These
 * kernels run the networks of nnU-Net's architectures; others are left to ONNX Runtime.
 */

import type { Graph } from "../../graph/graph.ts";
import { compileKernels } from "../../simd/kernel.ts";
import { readImage, writeImage } from "./image_steps.ts";
import type { Machine } from "./machine.ts";
import { type NetworkPlan, planOf } from "./network_plan.ts";
import { aligned, placeRegions } from "./unit_image.ts";
import { MIXING_BYTES } from "./winograd_kernels.ts";

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
