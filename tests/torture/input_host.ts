/**
 * Runs commands one after another in one process, which is twenty times as fast as a process for
 * each. Reads requests as lines of JSON, and answers each with a line that begins with `ANSWER`.
 */

import { main } from "../../lib/cli/main.ts";

/** A command to run in a folder. */
export interface HostRequest {
  readonly args: readonly string[];
  readonly folder: string;
}

/** How the command ended. */
export interface HostAnswer {
  readonly code: number;
  readonly text: string;
}

/** Beginning of an answer. */
export const ANSWER = "\u0001ANSWER ";

class Exit extends Error {
  override name = "Exit";
  constructor(readonly code: number) {
    super("exit");
  }
}

async function serve() {
  let text = "";
  let exitCode: number | undefined;
  const write = Deno.stdout.writeSync.bind(Deno.stdout);
  const take = (bytes: Uint8Array) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  Deno.stdout.writeSync = take;
  Deno.stderr.writeSync = take;
  // deno-lint-ignore no-process-global -- commander calls it
  process.stderr.write = process.stdout.write = ((words: string) => {
    text += words;
    return true;
  }) as typeof process.stdout.write;
  for (const name of ["log", "error", "warn", "info"] as const) {
    console[name] = (...words: unknown[]) => text += `${words.join(" ")}\n`;
  }
  const exit = (code = 0): never => {
    exitCode ??= Number(code);
    throw new Exit(Number(code));
  };
  Deno.exit = exit;
  // deno-lint-ignore no-process-global -- commander calls it
  process.exit = exit as typeof process.exit;

  for await (const line of linesOf(Deno.stdin.readable)) {
    const { args, folder } = JSON.parse(line) as HostRequest;
    text = "";
    exitCode = undefined;
    Deno.chdir(folder);
    const code = await main(args).catch((error) => {
      if (!(error instanceof Exit)) text += `Uncaught ${error.stack}`;
      return 1;
    });
    const answer: HostAnswer = { code: exitCode ?? code, text };
    const bytes = new TextEncoder().encode(`${ANSWER}${JSON.stringify(answer)}\n`);
    for (let done = 0; done < bytes.length;) done += write(bytes.subarray(done));
  }
}

/** Yields the lines of a stream. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

if (import.meta.main) await serve();
