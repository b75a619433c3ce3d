/** Runs a Python program that answers lines of JSON with lines of JSON. */

import { createInterface, type Interface } from "node:readline";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePythonEnvironment } from "../../kernels/python_environment.ts";

/**
 * nnU-Net and its dependencies, pinned, as arguments of two calls of pip. Both name PyTorch,
 * because torchvision would install a newer one.
 */
export const nnunetRequirements = [
  ["torch==2.13.0"],
  [
    "torch==2.13.0",
    "torchvision==0.28.0",
    "nnunetv2==2.8.1",
    "batchgenerators==0.25.5",
    "batchgeneratorsv2==0.3.6",
    "numpy==2.4.6",
    "scikit-image==0.26.0",
    "scipy==1.17.1",
    "SimpleITK==2.5.7",
    "blosc2==4.14.1",
  ],
];

/** A running Python program. */
export class PythonPeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams, lines: Interface) {
    this.#process = process;
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /**
   * Starts a script in a Python environment, which is created if it does not exist; by default
   * nnU-Net's.
   *
   * @param python Interpreter with all requirements, to use instead of the environment.
   */
  static async start(
    script: URL,
    { name, requirements } = { name: "nnunetv2", requirements: nnunetRequirements },
    python?: string,
  ): Promise<PythonPeer> {
    const program = python ?? await ensurePythonEnvironment(name, requirements);
    const child = spawn(program, [fileURLToPath(script)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...Deno.env.toObject(),
        nnUNet_raw: "-",
        nnUNet_preprocessed: "-",
        nnUNet_results: "-",
      },
    }) as unknown as ChildProcessWithoutNullStreams;
    return new PythonPeer(child, createInterface({ input: child.stdout }));
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws {Error} If the program ends instead of answering.
   */
  async ask<T>(request: unknown): Promise<T> {
    this.#process.stdin.write(JSON.stringify(request) + "\n");
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("Cannot continue: the Python program ended, expected an answer");
    return JSON.parse(value) as T;
  }

  /** Sends a message that has no answer. */
  tell(message: unknown): void {
    this.#process.stdin.write(JSON.stringify(message) + "\n");
  }

  /** Lets the program end. */
  close() {
    this.#process.stdin.end();
  }
}
