/**
 * The command line `nnunet`, and helpers for programs that run in a terminal: option parsers, an
 * abort signal for Ctrl-C, and a status line.
 *
 * As the main module, it reads its arguments from the command line.
 *
 * @example Run a command from code
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
import { expandHomes, returnToUsersFolder } from "./user_paths.ts";
import { printError } from "./terminal.ts";

export { commaList, positiveNumber, wholeNumber } from "./arguments.ts";
export { formatInferenceProgress } from "./inference_progress.ts";
export type { InferenceProgress } from "../inference/case_pipeline.ts";
export type { TrainingLog } from "../interop/training_log.ts";
export type { EpochReport } from "../trainer.ts";
export type { TrainingProgress } from "../training/training_progress.ts";
export type { TrainingStart } from "../training/training_start.ts";
export { interruptSignal } from "./interrupt.ts";
export { formatDuration, progressBar, StatusLine } from "./status_line.ts";
export { formatEpoch, formatTrainingProgress, formatTrainingStart } from "./training_progress.ts";

/**
 * Runs one command of `nnunet` as on the command line; errors are printed.
 *
 * @param args Arguments after `nnunet`, such as `["train", "4", "3d_fullres", "0"]`.
 * @returns The exit code: 0, or 1 if the command failed. `--help` and invalid arguments exit the
 * process.
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
    await createProgram().parseAsync(expandHomes(longDashes(args)), { from: "user" });
    return 0;
  } catch (error) {
    printError(`\n${textOf(error, rootIn(args))}`);
    return 1;
  }
}

/** The value of `--root` among the arguments. */
function rootIn(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === "--root" || arg.startsWith("--root="));
  return args[index] === "--root" ? args[index + 1] : args[index]?.slice("--root=".length);
}

if (import.meta.main) {
  returnToUsersFolder();
  Deno.exit(await main(Deno.args)); // Listeners for Ctrl-C would keep the process alive.
}
