/**
 * Amounts of memory as people read and type them.
 *
 * Code counts bytes, in names that end in `bytes`. Text has decimal units, 1 GB = 10⁹ bytes, as
 * option values and measured figures do. Manufacturers name memory in binary units, so a card sold
 * as 80 GB is reported as about 86 GB. nnU-Net's `gpuMemoryTarget` is neither: it counts in the GPU
 * that a preset was measured on.
 */

/** Bytes of a gigabyte (GB), the unit of options such as `--memory_limit`. */
export const GIGABYTE = 1e9;

const units = ["B", "kB", "MB", "GB", "TB"];

/**
 * Formats an amount of memory with its unit, rounded to three digits.
 *
 * @param bytes A finite number, at least 0.
 * @returns A number and its unit, such as "86.0 GB".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatBytes(512), "512 B");
 * assert.equal(formatBytes(1.5 * GIGABYTE), "1.50 GB");
 * ```
 */
export function formatBytes(bytes: number): string {
  if (Math.round(bytes) < 1000) return `${Math.round(bytes)} B`;
  // Rounded before the unit is chosen: 999.9 MB is 1.00 GB, not 1.00e+3 MB.
  const rounded = Number(bytes.toPrecision(3));
  const power = units.findLastIndex((_, power) => rounded >= 1000 ** power);
  const value = rounded / 1000 ** power;
  return `${value < 1000 ? value.toPrecision(3) : value} ${units[power]}`;
}
