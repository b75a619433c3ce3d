/** Runs a command of `nnunet` in a process of its own, which can be made to end early. */

import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { whenHanging } from "./hang_limit.ts";

const modulePath = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const main = modulePath("../../lib/cli/main.ts");
const preload = modulePath("./kill_points.ts");

/** Seconds after which a command counts as hanging. */
const LONGEST_SECONDS = 180;

/** How a process is made to end: at a call that changes the file system, or after a time. */
export type Ending =
  | { readonly how: "kill" | "stop" | "full"; readonly at: number }
  | { readonly how: "kill"; readonly afterMs: number };

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly signal: string | null;
  /** Standard output and error. */
  readonly text: string;
  readonly milliseconds: number;
  readonly timedOut: boolean;
  /** The calls that changed the file system, if an ending was given or `count` was set. */
  readonly calls: readonly string[];
}

/**
 * Runs a command.
 *
 * @param args Arguments after `nnunet`.
 * @param options.home Folder with the folder `work`, where the process starts; temporary files go to `tmp`.
 * @param options.count Whether to count calls without an ending.
 */
export async function runNnunet(
  args: readonly string[],
  { home, ending, count = false }: {
    readonly home: string;
    readonly ending?: Ending;
    readonly count?: boolean;
  },
): Promise<Outcome> {
  const temporary = join(home, "tmp");
  await Deno.mkdir(temporary, { recursive: true });
  const callsFile = join(home, "calls.txt");
  await Deno.remove(callsFile).catch(() => {});
  const isCounted = count || (ending !== undefined && "at" in ending);
  const start = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", "--no-check"],
      ...isCounted ? ["--preload", preload] : [],
      main,
      ...args,
    ],
    cwd: join(home, "work"),
    env: {
      nnUNet_raw: "",
      nnUNet_preprocessed: "",
      nnUNet_results: "",
      INIT_CWD: "",
      NO_COLOR: "1",
      TMPDIR: temporary,
      NNUNET_TORTURE_CALLS: callsFile,
      ...ending && "at" in ending && {
        NNUNET_TORTURE_AT: `${ending.at}`,
        NNUNET_TORTURE_HOW: ending.how,
      },
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let timedOut = false;
  const kill = () => {
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const stopWatching = whenHanging(LONGEST_SECONDS, () => {
    timedOut = true;
    kill();
  });
  const random = ending && "afterMs" in ending ? setTimeout(kill, ending.afterMs) : undefined;
  const { code, signal, stdout, stderr } = await process.output();
  stopWatching();
  clearTimeout(random);
  const decoder = new TextDecoder();
  const calls = await Deno.readTextFile(callsFile).catch(() => "");
  return {
    code,
    signal,
    text: decoder.decode(stdout) + decoder.decode(stderr),
    milliseconds: performance.now() - start,
    timedOut,
    calls: calls.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
  };
}
