/**
 * Measures the machine's own rate, as a limit that both sides of a benchmark can be compared with: a
 * large product of float32 matrices, the best of several by ONNX Runtime and by PyTorch.
 */

import { encodeModel } from "../../lib/graph/encode.ts";
import { Graph } from "../../lib/graph/graph.ts";
import { matmul } from "../../lib/graph/operators.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { type HostTensor, Session } from "../../lib/runtime/session.ts";
import { PythonPeer } from "./python_peer.ts";

/** Rows and columns of the matrices. */
const SIZE = { cpu: 2048, gpu: 8192 } as const;
const REPEATS = 5;

/** The highest rate seen so far; {@link measure} it near what is compared with it. */
export class MachineRate implements Disposable {
  readonly #peer: PythonPeer;
  readonly #threads: number;
  readonly #device: Device;
  #best = 0;

  private constructor(peer: PythonPeer, threads: number, device: Device) {
    this.#peer = peer;
    this.#threads = threads;
    this.#device = device;
  }

  /**
   * Starts PyTorch, which does the products on GPUs alone.
   *
   * @param python Path of an interpreter with PyTorch; by default the one with nnU-Net.
   */
  static async start(
    { threads = navigator.hardwareConcurrency, device = "cpu" as Device, python }: {
      readonly threads?: number;
      readonly device?: Device;
      readonly python?: string;
    } = {},
  ): Promise<MachineRate> {
    const peer = await PythonPeer.start(new URL("./machine_rate.py", import.meta.url), python);
    return new MachineRate(peer, threads, device);
  }

  /** Measures again and prints the rates. */
  async measure(): Promise<void> {
    const isCpu = this.#device === "cpu";
    const size = isCpu ? SIZE.cpu : SIZE.gpu;
    const ours = isCpu ? await productRate(size, this.#threads) : 0;
    const { gigaflops: theirs, size: used } = await this.#peer.ask<
      { gigaflops: number; size: number }
    >({
      size,
      threads: this.#threads,
      repeats: REPEATS,
      device: this.#device,
    });
    this.#best = Math.max(this.#best, ours, theirs);
    console.log(
      `   the machine: a product of ${used}×${used} float32 matrices at ` +
        (isCpu ? `${ours.toFixed(0)} GFLOP/s in ONNX Runtime, ` : "") +
        `${theirs.toFixed(0)} in PyTorch; best so far ${this.#best.toFixed(0)}`,
    );
  }

  /**
   * Describes which share of the machine's rate both sides reach.
   *
   * @param operations Multiplications and additions, the same for both sides.
   * @param milliseconds Times of both.
   */
  describe(
    operations: number,
    { ours, theirs }: { readonly ours: number; readonly theirs?: number },
  ): string {
    const share = (time: number) => (operations / time / 1e6 / this.#best).toFixed(2);
    return `${(operations / 1e9).toFixed(1)} GFLOP: ours at ${share(ours)} of the machine's rate` +
      (theirs === undefined ? "" : `, PyTorch at ${share(theirs)}`);
  }

  /** Ends PyTorch. */
  [Symbol.dispose](): void {
    this.#peer.close();
  }
}

/** Best rate of ONNX Runtime in GFLOP/s. */
async function productRate(size: number, threads: number): Promise<number> {
  const graph = new Graph();
  const [a, b] = ["a", "b"].map((name) => graph.input(name, "float32", [size, size]));
  graph.output("c", matmul(a, b));
  const session = await Session.create(encodeModel(graph), { threads });
  const matrix = (scale: number): HostTensor => ({
    type: "float32",
    shape: [size, size],
    data: Float32Array.from({ length: size * size }, (_, i) => (i * scale % 7) / 7),
  });
  const feeds = { a: matrix(3), b: matrix(5) };
  let into: Record<string, HostTensor> = {};
  let best = 0;
  try {
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      const begin = performance.now();
      into = await session.run(feeds, into);
      best = Math.max(best, 2 * size ** 3 / (performance.now() - begin) / 1e6);
    }
  } finally {
    await session.release();
  }
  return best;
}
