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

import { CommanderError } from "../packages/commander.ts";
import { describeRecovery, onRecovery } from "../platform/file_messages.ts";
import { removeUnfinished, removeUnfinishedAndWait } from "../platform/leftovers.ts";
import { asOwnArguments } from "./arguments.ts";
import { textOf } from "./command_wording.ts";
import { requireDatasetNames } from "./dataset_names.ts";
import { exitCodeOf, exitCodes } from "./exit_codes.ts";
import { listenForSignals } from "./interrupt.ts";
import { outputFailure } from "./output.ts";
import { printError, printLast } from "./terminal.ts";
import { expandHomes, returnToUsersFolder } from "./user_paths.ts";

export { commaList, positiveNumber, wholeNumber } from "./arguments.ts";
export { formatInferenceProgress } from "./inference_progress.ts";
export type { InferenceProgress } from "../inference/case_pipeline.ts";
export type { TrainingLog } from "../interop/training_log.ts";
export type { EpochReport } from "../trainer.ts";
export type { TrainingProgress } from "../training/training_progress.ts";
export type { TrainingStart } from "../training/training_start.ts";
export type { Shape } from "../array/nd_array.ts";
export type { Fold } from "../dataset/splits.ts";
export type { Device } from "../runtime/device.ts";
export { interruptSignal } from "./interrupt.ts";
export { formatDuration, progressBar, StatusLine } from "./status_line.ts";
export { formatEpoch, formatTrainingProgress, formatTrainingStart } from "./training_progress.ts";

/**
 * Runs one command of `nnunet` as on the command line; errors are printed.
 *
 * @param args Arguments after `nnunet`, such as `["train", "4", "3d_fullres", "0"]`.
 * @returns The exit code: 0 if the command is done, 1 if it failed, 2 if the arguments are wrong, or
 * 75 if it was stopped by Ctrl-C or a signal. A signal that arrives before the command can be stopped
 * exits the process.
 *
 * @example
 * ```ts ignore
 * import { main } from "nnunet/cli";
 *
 * Deno.exit(await main(["devices"]));
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  listenForSignals();
  reportRecoveries();
  let parsed = false;
  try {
    // Loading all commands takes a while, in which signals arrive, too.
    const { createProgram } = await import("./program.ts");
    const program = createProgram().hook("preAction", () => {
      parsed = true;
    });
    requireDatasetNames(program);
    await program.parseAsync(expandHomes(asOwnArguments(args)), { from: "user" });
    const failure = outputFailure();
    if (failure) throw failure;
    return exitCodes.done;
  } catch (error) {
    // Commander has printed its own errors.
    if (!(error instanceof CommanderError)) printLast(textOf(error, rootIn(args)));
    return exitCodeOf(error, parsed || outputFailure() !== undefined);
  }
}

let reporting = false;

/** Prints from now on what is cleaned up after runs that were killed. */
function reportRecoveries(): void {
  if (!reporting) onRecovery((recovery) => printError(describeRecovery(recovery)));
  reporting = true;
}

/** Prints errors that nothing catches without the stack that Deno would print. */
function exitOnUncaught(): void {
  const exit = (event: Event, thrown: unknown) => {
    event.preventDefault();
    printLast(textOf(thrown));
    removeUnfinishedAndWait();
    Deno.exit(exitCodeOf(thrown, true));
  };
  globalThis.addEventListener("error", (event) => exit(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => exit(event, event.reason));
}

/** The value of `--root` among the arguments. */
function rootIn(args: readonly string[]): string | undefined {
  const index = args.findIndex((arg) => arg === "--root" || arg.startsWith("--root="));
  return args[index] === "--root" ? args[index + 1] : args[index]?.slice("--root=".length);
}

if (import.meta.main) {
  exitOnUncaught();
  returnToUsersFolder();
  const code = await main(Deno.args);
  removeUnfinished(); // Workers that were terminated may have left something.
  Deno.exit(code); // Listeners for signals would keep the process alive.
}
