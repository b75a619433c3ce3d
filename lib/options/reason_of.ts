/** Says what went wrong, whatever was thrown. */

/** What is said of something thrown that says nothing itself. */
const unexplained = "an error without a message";

/** Properties in which libraries put their message if they throw other objects than errors. */
const messageNames = ["message", "exception", "error", "reason", "description"];

/**
 * Returns the text to put after `Cannot read PATH: `: an error's message, without the path if the
 * error is one of a file.
 *
 * Code may throw anything. Packages throw strings and plain objects, and WebAssembly numbers; none
 * of those becomes `[object Object]` or `undefined` here.
 *
 * @param thrown What a `catch` received.
 * @returns A text that is never empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(reasonOf(new RangeError("3 is too large")), "3 is too large");
 * assert.equal(reasonOf({ exception: "read past the end" }), "read past the end");
 * assert.equal(reasonOf(undefined), "an error without a message");
 * ```
 */
export function reasonOf(thrown: unknown): string {
  return textOf(thrown, 0) ?? unexplained;
}

function textOf(thrown: unknown, depth: number): string | undefined {
  if (depth > 4) return undefined; // Objects may refer to each other in a circle.
  if (typeof thrown === "string") return thrown.trim() || undefined;
  if (typeof thrown === "number" || typeof thrown === "bigint") return `error ${thrown}`;
  if (typeof thrown !== "object" || thrown === null) return undefined;
  try {
    const fields = thrown as Record<string, unknown>;
    if (thrown instanceof Error && typeof fields.reason === "string" && fields.reason) {
      return fields.reason;
    }
    for (const name of messageNames) {
      const text = textOf(fields[name], depth + 1);
      if (text !== undefined) return text;
    }
    const cause = textOf(fields.cause, depth + 1);
    if (cause !== undefined) return cause;
    return thrown instanceof Error && thrown.name && thrown.name !== "Error"
      ? thrown.name
      : undefined;
  } catch {
    return undefined; // A getter threw.
  }
}
