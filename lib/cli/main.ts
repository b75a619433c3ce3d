/**
 * The command line `nnunet`, and what a program with a terminal of its own needs around the objects:
 * option parsers, Ctrl-C as a signal, and a status line.
 *
 * Run as a program, it takes its arguments from the command line.
 *
 * @example Runs a command from code
 * ```ts ignore
 * import { main } from "nnunet/cli";
 *
 * const exitCode = await main(["plan_and_preprocess", "-d", "4", "--root", "/data"]);
 * ```
 *
 * @module
 */

import { longDashes } from "./arguments.ts";
import { textOf } from "./command_wording.ts";
import { createProgram } from "./program.ts";

export { commaList, longDashes, positiveNumber, wholeNumber } from "./arguments.ts";
export { formatInferenceProgress } from "./inference_progress.ts";
export { interruptSignal } from "./interrupt.ts";
export { formatDuration, progressBar, StatusLine } from "./status_line.ts";
export { formatEpoch, formatTrainingProgress } from "./training_progress.ts";

/**
 * Runs one command of `nnunet` as the command line does; errors are printed.
 *
 * @param args What follows `nnunet`, such as `["train", "4", "3d_fullres", "0"]`.
 * @returns The exit code: 0, or 1 if the command failed. Help, and arguments that cannot be parsed,
 * end the process, as in any program of the command line.
 *
 * @example
 * ```ts ignore
 * import { main } from "nnunet/cli";
 *
 * Deno.exit(await main(["devices"]));
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(longDashes([...args]), { from: "user" });
    return 0;
  } catch (error) {
    console.error(`\n${textOf(error as Error)}`);
    return 1;
  }
}

// Listeners for Ctrl-C would keep the process alive.
if (import.meta.main) Deno.exit(await main(Deno.args));
