/** A Python program that answers lines of JSON with lines of JSON. */

import { createInterface, type Interface } from "node:readline";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensurePythonEnvironment } from "../../kernels/python_environment.ts";

/**
 * The original and all that our comparisons rest on, pinned; PyTorch in both calls, or torchvision
 * would bring a newer one.
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

/** A running program. */
export class PythonPeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams, lines: Interface) {
    this.#process = process;
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /**
   * Starts a script in an environment, which is made first if need be; in nnU-Net's if left out.
   *
   * @param python One that has all that the script needs, in place of the environment.
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
    if (done) throw new Error("Cannot go on: the Python program ended, expected an answer");
    return JSON.parse(value) as T;
  }

  /** Sends what is not answered. */
  tell(message: unknown): void {
    this.#process.stdin.write(JSON.stringify(message) + "\n");
  }

  /** Lets the program end. */
  close() {
    this.#process.stdin.end();
  }
}
