/** Ends work in an orderly way when the user or the system asks for it. */

import { removeUnfinishedAndWait } from "../platform/leftovers.ts";
import { exitCodes, StoppedError } from "./exit_codes.ts";
import { printError } from "./terminal.ts";
import { registerWork, stopWork } from "./running_work.ts";

/** Milliseconds in which repeated Ctrl-C counts once: `deno task` sends it a second time. */
const ONCE = 1000;

let listening = false;
/** When the first signal arrived. */
let stoppedAt: number | undefined;

/**
 * Returns a signal that is aborted when the process is asked to end: by Ctrl-C (SIGINT), SIGTERM,
 * SIGHUP or SIGUSR1. The work then finishes its step and saves its state.
 *
 * Ctrl-C a second later exits immediately. Other signals may arrive again without effect, so
 * schedulers that repeat them do not lose the state. A process started by `nohup` ignores SIGHUP.
 *
 * @param message Message of the error that the signal is aborted with.
 * @returns The signal.
 *
 * @example
 * ```ts ignore
 * import { interruptSignal } from "nnunet/cli";
 *
 * const signal = interruptSignal("Stopped; finished cases are kept");
 * await plans.preprocess(dataset, { signal });
 * ```
 */
export function interruptSignal(message: string): AbortSignal {
  listenForSignals();
  return registerWork(message);
}

/**
 * Starts to listen for signals. Until there is work that can be stopped, a signal removes what is
 * incomplete and exits.
 */
export function listenForSignals(): void {
  if (listening) return;
  listening = true;
  // Once Deno listens to any signal, it exits on those without a listener, even if the system was
  // told to ignore them.
  const hangUpIgnored = ignoresHangup();
  for (const name of signalNames()) {
    const ignored = name === "SIGHUP" && hangUpIgnored;
    Deno.addSignalListener(name, ignored ? () => {} : () => onSignal(name));
  }
}

/** The signals that ask a process to end; a system without one of them does not know its name. */
function signalNames(): Deno.Signal[] {
  return Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"];
}

/** Whether the process was started by `nohup` or the like. */
function ignoresHangup(): boolean {
  try {
    const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"));
    return ignored !== null && (BigInt(`0x${ignored[1]}`) & 1n) === 1n; // SIGHUP is signal 1.
  } catch {
    return false; // Another system than Linux, or Deno may not read /proc.
  }
}

function onSignal(name: Deno.Signal): void {
  if (stoppedAt !== undefined) {
    if (name === "SIGINT" && performance.now() - stoppedAt > ONCE) exitNow();
    return;
  }
  stoppedAt = performance.now();
  if (!stopWork((message) => new StoppedError(message))) exitNow();
  printError(
    name === "SIGINT"
      ? "\nStopping after the current step; press Ctrl-C again to exit immediately"
      : `Stopping after the current step, as ${name} asks for`,
  );
}

function exitNow(): never {
  removeUnfinishedAndWait();
  printError("Stopped; what was incomplete is removed");
  Deno.exit(exitCodes.stopped);
}
