/** Reasons for the planner's decisions, to explain plans to users. */

import type { ConfigurationName } from "../files/plans.ts";

/** One decision with the numbers it is based on. */
export interface Reason {
  /** What was decided, such as `patch size`. */
  readonly decision: string;
  /** The configuration it applies to; all if absent. */
  readonly configuration?: ConfigurationName;
  /** What was chosen, as text. */
  readonly chosen: string;
  /** The rule that was applied. */
  readonly rule: string;
  /** The numbers that the rule used, by name. */
  readonly numbers: Readonly<Record<string, number | string | readonly (number | string)[]>>;
}

/** Records a decision. */
export type Note = (reason: Reason) => void;

/**
 * Formats decisions as lines of text: what was chosen, by which rule, from which numbers.
 *
 * @param reasons The decisions, as {@link Planner.explain} returns them.
 * @returns The text. Several attempts at the same decision share its first lines.
 *
 * @example One decision
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatReasons } from "nnunet";
 *
 * const text = formatReasons([{
 *   decision: "batch size",
 *   configuration: "2d",
 *   chosen: "12",
 *   rule: "The largest that fits",
 *   numbers: { memoryTarget: 8 },
 * }]);
 * assert.equal(text, "2d, batch size: 12\n  The largest that fits\n  memory target 8");
 * ```
 */
export function formatReasons(reasons: readonly Reason[]): string {
  return reasons.map((reason, i) => {
    const { decision, configuration, rule, numbers } = reason;
    const facts = Object.entries(numbers).map(([name, value]) =>
      `${words(name)} ${Array.isArray(value) ? value.map(short).join(" × ") : short(value)}`
    );
    const line = `  ${facts.join("; ")}`;
    if (i > 0 && isSameDecision(reasons[i - 1], reason)) return line; // Another attempt.
    const attempts = reasons.slice(i).findIndex((other) => !isSameDecision(other, reason));
    const { chosen } = attempts < 0 ? reasons[reasons.length - 1] : reasons[i + attempts - 1];
    const place = configuration ? `${configuration}, ` : "";
    return `${place}${decision}: ${chosen}\n  ${rule}\n${line}`;
  }).join("\n");
}

function isSameDecision(a: Reason, b: Reason): boolean {
  return a.decision === b.decision && a.configuration === b.configuration;
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function short(value: unknown): string {
  if (typeof value !== "number") return String(value);
  return Math.abs(value) >= 1e6 ? value.toExponential(3) : String(+value.toFixed(4));
}
