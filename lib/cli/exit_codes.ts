/**
 * Says how a command ended, for scripts and schedulers.
 *
 * A stopped run has a code of its own, so that a job can be queued again: 75 is `EX_TEMPFAIL` of
 * `sysexits.h`, which means that trying again later may succeed.
 */

import { CommanderError } from "../packages/commander.ts";

/** Exit codes of all commands. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, stopped: 75 } as const;

/** The codes as `--help` explains them. */
export const exitCodesHelp =
  "Exit codes: 0 done, 1 failed, 2 wrong usage, 75 stopped by Ctrl-C or a signal; what was finished " +
  "is kept, and the same command continues where it can.";

/** The command line is wrong: options contradict each other, or one is missing. */
export class UsageError extends Error {
  /** The class's name. */
  override readonly name = "UsageError";
}

/** Work ended because the user or the system asked for it. */
export class StoppedError extends Error {
  /** The class's name. */
  override readonly name = "StoppedError";
}

/**
 * Returns the exit code for what a command threw.
 *
 * @param parsed Whether the command line was understood and the command had begun.
 */
export function exitCodeOf(thrown: unknown, parsed: boolean): number {
  if (thrown instanceof CommanderError) {
    return thrown.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  }
  if (!parsed || thrown instanceof UsageError) return exitCodes.wrongUsage;
  return isStop(thrown) ? exitCodes.stopped : exitCodes.failed;
}

/** Whether an error is a stop, or was caused by one. */
function isStop(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof StoppedError) return true;
  }
  return false;
}
