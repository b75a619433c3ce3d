/** Runs a Python program that answers lines of JSON with lines of JSON. */

import { createInterface, type Interface } from "node:readline";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ensureNnunetPython } from "../nnunet_python.ts";

/** A running Python program. */
export class PythonPeer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcessWithoutNullStreams, lines: Interface) {
    this.#process = process;
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /**
   * Starts a script.
   *
   * @param python Path of the interpreter; by default the one with nnU-Net, which is installed if
   *   it does not exist.
   */
  static async start(script: URL, python?: string): Promise<PythonPeer> {
    const program = python ?? await ensureNnunetPython();
    const child = spawn(program, [fileURLToPath(script)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...withoutThreadSettings(Deno.env.toObject()),
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

/**
 * Environment variables without those that choose kernels and threads of NumPy and PyTorch, so that
 * the program is as fast as the machine allows; scripts set their number of threads themselves.
 */
function withoutThreadSettings(variables: Record<string, string>): Record<string, string> {
  const names = Object.keys(variables).filter((name) =>
    !/^(OPENBLAS|OMP|MKL|KMP|GOMP)_/.test(name)
  );
  return Object.fromEntries(names.map((name) => [name, variables[name]]));
}
