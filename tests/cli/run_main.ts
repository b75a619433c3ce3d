/** Runs the command line in this process, which is faster than in one of its own. */

import { main } from "../../lib/cli/main.ts";
import type { Outcome } from "./run_cli.ts";

/**
 * Runs a command.
 *
 * @returns The exit code and what was printed.
 */
export async function runMain(
  ...args: readonly string[]
): Promise<Outcome> {
  const text = { out: "", err: "" };
  const { writeSync: writeOut } = Deno.stdout;
  const { writeSync: writeErr } = Deno.stderr;
  const collect = (into: keyof typeof text) => (bytes: Uint8Array) => {
    text[into] += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  Deno.stdout.writeSync = collect("out");
  Deno.stderr.writeSync = collect("err");
  try {
    const code = await main(args);
    return { code, out: text.out, err: text.err.trim() };
  } finally {
    Deno.stdout.writeSync = writeOut;
    Deno.stderr.writeSync = writeErr;
  }
}
