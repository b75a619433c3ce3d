/** Starts other programs, such as a scheduler's. */

import { reasonOf } from "../options/reason_of.ts";

/** How a program ended, and what it printed. */
export interface ProgramResult {
  /** Its exit code; 128 and the signal's number if a signal ended it. */
  readonly code: number;
  /** What it printed. */
  readonly output: string;
  /** What it printed to standard error. */
  readonly errors: string;
}

/** A program is not on the PATH, or may not be started. */
export class MissingProgramError extends Error {
  /** The class's name. */
  override readonly name = "MissingProgramError";
}

/**
 * Runs a program to its end.
 *
 * @param program Its name or path.
 * @param args Its arguments.
 * @throws {MissingProgramError} If there is none, or it may not be started.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
): Promise<ProgramResult> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { code, output: text(stdout), errors: text(stderr) };
  } catch (cause) {
    throw missing(program, cause);
  }
}

/** A program that runs beside this one. */
export interface RunningProgram {
  /** Its number. */
  readonly pid: number;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>;
  /** Sends it a signal, unless it has ended. */
  signal(name: "SIGTERM" | "SIGUSR1"): void;
}

/** How a program is started. */
export interface StartOptions {
  /** Environment variables beside this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Whether this process may end without waiting for it. It is in a session of its own in any case,
   * so that Ctrl-C reaches this process alone.
   */
  readonly outlives?: boolean;
}

/**
 * Starts a program, whose output is discarded.
 *
 * @throws {MissingProgramError} If there is none, or it may not be started.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  { variables, outlives = false }: StartOptions = {},
): RunningProgram {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      env: variables,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  } catch (cause) {
    throw missing(program, cause);
  }
  if (outlives) child.unref();
  return {
    pid: child.pid,
    ended: child.status.then(({ code }) => code),
    signal(name) {
      try {
        child.kill(name);
      } catch (error) {
        // It has ended, perhaps just now.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
    },
  };
}

function missing(program: string, cause: unknown): MissingProgramError {
  const reason = cause instanceof Deno.errors.NotFound
    ? "it is not on the PATH"
    : cause instanceof Deno.errors.NotCapable
    ? "starting programs needs --allow-run"
    : reasonOf(cause);
  return new MissingProgramError(`Cannot start ${program}: ${reason}`, { cause });
}

/** Sends a signal to a process of this machine. @returns Whether there is such a process. */
export function signalProcess(pid: number, name: "SIGTERM"): boolean {
  try {
    Deno.kill(pid, name);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
