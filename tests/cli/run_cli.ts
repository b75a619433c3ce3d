/** Runs the command line in a separate process, as a user does. */

import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));

/** Exit code and output of a process. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function command(args: readonly string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", main, ...args],
    // Without nnU-Net's folders, so that tests do not touch a user's data.
    env: { nnUNet_raw: "", nnUNet_preprocessed: "", nnUNet_results: "", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

function decode(code: number, out: Uint8Array, err: Uint8Array): Outcome {
  const text = new TextDecoder();
  return { code, out: text.decode(out), err: text.decode(err) };
}

/** Runs `nnunet` with arguments. */
export async function runCli(...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args).output();
  return decode(code, stdout, stderr);
}

/**
 * Runs `nnunet` and sends signals as soon as `ready` returns true, Ctrl-C by default.
 *
 * @param ready Polled until it returns true.
 * @param signals Sent one after another, 50 ms apart.
 */
export async function interruptCli(
  args: readonly string[],
  ready: () => boolean,
  signals: readonly Deno.Signal[] = ["SIGINT"],
): Promise<Outcome> {
  const process = command(args).spawn();
  let ended = false;
  const output = process.output().finally(() => ended = true);
  const wait = (milliseconds: number) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds));
  while (!ended && !ready()) await wait(10);
  for (const signal of signals) {
    try {
      if (!ended) process.kill(signal);
    } catch {
      break; // It has ended just now.
    }
    await wait(50);
  }
  const { code, stdout, stderr } = await output;
  return decode(code, stdout, stderr);
}

/**
 * Runs `nnunet`, and kills it after a callback, which starts as soon as `ready` returns true.
 *
 * @param ready Polled until it returns true.
 * @param before Called with the process's number before it is killed.
 * @returns What the callback returns.
 */
export async function killCli<T>(
  args: readonly string[],
  ready: () => boolean,
  before: (pid: number) => Promise<T>,
): Promise<T> {
  const process = command(args).spawn();
  let ended = false;
  const output = process.output().finally(() => ended = true);
  try {
    while (!ended && !ready()) await new Promise((resolve) => setTimeout(resolve, 10));
    return await before(process.pid);
  } finally {
    if (!ended) process.kill("SIGKILL");
    await output;
  }
}

/** Runs `nnunet` in a shell that ends as its process does, for redirections such as `>/dev/full`. */
export async function runInShell(args: readonly string[], redirection: string): Promise<Outcome> {
  const quoted = [Deno.execPath(), "run", "-A", "--quiet", main, ...args]
    .map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ");
  const shell = new Deno.Command("bash", {
    args: ["-c", `${quoted} ${redirection}; exit \${PIPESTATUS[0]}`],
    env: { nnUNet_raw: "", nnUNet_preprocessed: "", nnUNet_results: "", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await shell.output();
  return decode(code, stdout, stderr);
}
