/** Runs commands of `nnunet` as a terminal would, so that notebooks can show them beside the code. */

import { interruptible } from "nnunet/notebook";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Runs `deno task nnunet` with the variables of this process, and prints the command and its output,
 * errors as errors.
 *
 * @param command What follows `deno task nnunet`; arguments with spaces are in double quotes.
 * @param options.mayFail Whether to print the exit code of a command that fails instead of throwing.
 * @throws {Error} If the command fails.
 */
export async function nnunet(
  command: string,
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): Promise<void> {
  console.log(`$ deno task nnunet ${command}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", config, program, ...wordsOf(command)],
    stdout: "piped",
    stderr: "piped",
    signal: interruptible(),
  }).spawn();
  await Promise.all([
    printLines(child.stdout, console.log),
    printLines(child.stderr, console.error),
  ]);
  const { code } = await child.status;
  interruptible().throwIfAborted();
  if (code === 0) return;
  if (!mayFail) throw new Error(`deno task nnunet ${command}: failed with exit code ${code}`);
  console.log(`(exit code ${code})`);
}

/** Splits a command at its spaces outside double quotes. */
export function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}

async function printLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  print: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) print(line);
  }
  if (rest) print(rest);
}
