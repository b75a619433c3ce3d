/** What a job may use, as schedulers name it. */

import { formatBytes } from "../options/format_bytes.ts";

/** What each job may use. */
export interface Resources {
  /** GPUs of jobs that train or predict; 0 computes on the CPU. */
  readonly gpus: number;
  /** Processors. */
  readonly cpus: number;
  /** Bytes of memory; unlimited if undefined. */
  readonly memoryBytes?: number;
  /** Seconds after which the scheduler ends a job; never if undefined. */
  readonly seconds?: number;
  /** Seconds before that in which a job saves its state. */
  readonly graceSeconds: number;
  /** Largest number of a stage's jobs that run at the same time; on this machine, of all jobs. */
  readonly maxParallel?: number;
}

/** Least time that makes sense: a job needs a minute to start and to save its state. */
const LEAST_SECONDS = 120;

/** Units of memory, as Slurm and Kubernetes count them. */
const units: Readonly<Record<string, number>> = {
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/**
 * Reads an amount of memory such as `32G`, `32GB`, `32Gi` or `500M`.
 *
 * @returns Bytes.
 * @throws {RangeError} If the text is none.
 */
export function parseMemory(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([MGT])i?B?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (units[unit?.toUpperCase()] ?? NaN);
  if (bytes > 0) return Math.round(bytes);
  throw new RangeError(
    `Cannot use a memory of "${text}": expected a number with M, G or T, such as 32G`,
  );
}

/** Formats bytes as Slurm takes them, in whole megabytes: `32768M`, or `32G` if that is the same. */
export function slurmMemory(bytes: number): string {
  const megabytes = Math.ceil(bytes / units.M);
  return megabytes % 1024 === 0 ? `${megabytes / 1024}G` : `${megabytes}M`;
}

/**
 * Reads a time as Slurm does: `MINUTES`, `MINUTES:SECONDS`, `HOURS:MINUTES:SECONDS`, `DAYS-HOURS`,
 * `DAYS-HOURS:MINUTES` or `DAYS-HOURS:MINUTES:SECONDS`.
 *
 * @returns Seconds.
 * @throws {RangeError} If the text is none.
 */
export function parseTime(text: string): number {
  const match = /^(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?$/.exec(text.trim());
  if (match) {
    const [days, ...numbers] = match.slice(1).map((part) => part === undefined ? undefined : +part);
    const [first = 0, second, third] = numbers;
    if (days !== undefined) return days * 86400 + first * 3600 + (second ?? 0) * 60 + (third ?? 0);
    if (third !== undefined) return first * 3600 + second! * 60 + third;
    return first * 60 + (second ?? 0);
  }
  throw new RangeError(
    `Cannot use a time of "${text}": expected one such as 24:00:00, 7-00:00:00, or 90 for minutes`,
  );
}

/** Formats seconds as Slurm takes them: `24:00:00` or `7-00:00:00`. */
export function slurmTime(seconds: number): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const text = clock.map(pad).join(":");
  return seconds <= 86400
    ? [Math.floor(seconds / 3600), ...clock.slice(1)].map(pad).join(":")
    : `${days}-${text}`;
}

/**
 * Checks that jobs can get anywhere with what they may use.
 *
 * @param neededBytes Memory that the plan's largest case needs at least; undefined if there is no plan.
 * @throws {RangeError} If they cannot.
 */
export function requireEnough(resources: Resources, neededBytes: number | undefined): void {
  const { gpus, cpus, memoryBytes, seconds, graceSeconds, maxParallel } = resources;
  const whole = { gpus, cpus, graceSeconds, ...maxParallel === undefined ? {} : { maxParallel } };
  for (const [name, value] of Object.entries(whole)) {
    const least = name === "gpus" ? 0 : 1;
    if (Number.isInteger(value) && value >= least) continue;
    throw new RangeError(`Cannot launch with \`${name}: ${value}\`: expected at least ${least}`);
  }
  if (seconds !== undefined && seconds < LEAST_SECONDS) {
    throw new RangeError(
      `Cannot launch with a time limit of ${seconds} s: expected at least ${LEAST_SECONDS} s, since ` +
        "jobs would be queued again for ever without getting anywhere",
    );
  }
  if (seconds !== undefined && graceSeconds > seconds / 2) {
    throw new RangeError(
      `Cannot launch with ${graceSeconds} s to save a job's state: expected at most half of the time ` +
        `limit of ${seconds} s`,
    );
  }
  if (neededBytes !== undefined && memoryBytes !== undefined && neededBytes > memoryBytes) {
    throw new RangeError(
      `Cannot launch with a memory of ${
        formatBytes(memoryBytes)
      }: the data set's largest case needs ` +
        `${formatBytes(neededBytes)}`,
    );
  }
}
