/**
 * Identifies processes, so that what a killed process left behind is recognised.
 *
 * A process number alone is not enough: numbers are reused, and processes on other machines or in
 * other containers write to the same folders.
 */

import { getPriority } from "node:os";
import { shortHash } from "./short_hash.ts";

/** A process. */
export interface ProcessOwner {
  /** Hash of its machine's name. */
  readonly machine: string;
  /** Hash of the machine's boot and of the container's process numbers; "0" if unknown. */
  readonly boot: string;
  readonly pid: number;
  /** When it started, in clock ticks after the boot; 0 if unknown. */
  readonly start: number;
}

/** What is known about a process. */
export type ProcessState =
  /** It is the current process. */
  | "this"
  /** It runs on this machine. */
  | "alive"
  /** It ran on this machine, and has ended. */
  | "ended"
  /** It ran on another machine, in another container or before a restart: only age can tell. */
  | "elsewhere";

let current: ProcessOwner | undefined;

/** Returns the current process; all its threads get the same. */
export function thisProcess(): ProcessOwner {
  return current ??= {
    machine: shortHash(hostName(), 8),
    boot: bootHash(),
    pid: Deno.pid,
    start: statusOf(Deno.pid)?.start ?? 0,
  };
}

/** Returns the machine's name, for messages; "unknown" if it may not be read. */
export function hostName(): string {
  try {
    return Deno.hostname();
  } catch {
    return "unknown";
  }
}

/** Finds out whether a process has ended. */
export function processState(owner: ProcessOwner): ProcessState {
  const self = thisProcess();
  if (owner.machine !== self.machine) return "elsewhere";
  const known = owner.boot !== "0" && self.boot !== "0";
  if (known && owner.boot !== self.boot) return "elsewhere";
  if (owner.pid === self.pid) return sameStart(owner.start, self.start) ? "this" : "ended";
  if (!exists(owner.pid)) return "ended";
  const status = statusOf(owner.pid);
  if (!status) return "alive";
  return status.ended || !sameStart(owner.start, status.start) ? "ended" : "alive";
}

/**
 * Returns whether a process of this machine runs.
 *
 * @param start When it started, as `/proc` reports it; undefined if unknown.
 */
export function isRunning(pid: number, start: number | undefined): boolean {
  if (!exists(pid)) return false;
  const status = statusOf(pid);
  return !status || !status.ended && (start === undefined || status.start === start);
}

/** Returns a process as text of at most 45 letters, digits and `-`, for file names. */
export function ownerToken({ machine, boot, pid, start }: ProcessOwner): string {
  return `${machine}-${boot}-${pid.toString(36)}-${start.toString(36)}`;
}

/** Pattern of {@link ownerToken}. */
export const ownerPattern = "[0-9a-f]{8}-(?:0|[0-9a-f]{8})-[0-9a-z]+-[0-9a-z]+";

/** Reads the text of {@link ownerToken}; undefined if it is none. */
export function parseOwnerToken(token: string): ProcessOwner | undefined {
  if (!new RegExp(`^${ownerPattern}$`).test(token)) return undefined;
  const [machine, boot, pid, start] = token.split("-");
  return { machine, boot, pid: parseInt(pid, 36), start: parseInt(start, 36) };
}

function sameStart(a: number, b: number): boolean {
  return a === 0 || b === 0 || a === b;
}

/** Other containers on the machine count processes from 1, too. */
function bootHash(): string {
  try {
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id");
    return shortHash(boot + Deno.readLinkSync("/proc/self/ns/pid"), 8);
  } catch {
    return "0"; // Another system than Linux, or Deno may not read /proc.
  }
}

/** Reads from `/proc` when a process started; undefined if that cannot be read. */
function statusOf(pid: number): { readonly start: number; readonly ended: boolean } | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The second field is the program's name in brackets, which may contain anything.
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { start: Number(fields[18]), ended: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    getPriority(pid); // The one query that needs no permission to start programs.
    return true;
  } catch (error) {
    const { info, code = info?.code } = error as { code?: string; info?: { code: string } };
    return !(code === "ESRCH" || info?.code === "ESRCH");
  }
}
