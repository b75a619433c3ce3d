/** Words how the content of a file differs from what its schema expects. */

import type { z } from "../packages/zod.ts";
import { printable } from "./printable.ts";

/** Problems that a message lists; the others are counted. */
const LISTED = 5;

/**
 * Returns the problems as `KEY: found nothing, expected array; …`.
 *
 * @param error What a schema's `safeParse()` returned.
 */
export function schemaProblems({ issues }: z.ZodError): string {
  const listed = issues.slice(0, LISTED).map(problemOf);
  const more = issues.length - listed.length;
  return listed.join("; ") + (more > 0 ? `; and ${more} more problem${more === 1 ? "" : "s"}` : "");
}

function problemOf({ path, message }: z.core.$ZodIssue): string {
  const wording = message
    .replace(
      /^Invalid input: (expected .*), received (.*)$/s,
      (_, expected, found) => `found ${found === "undefined" ? "nothing" : found}, ${expected}`,
    )
    .replace(/^Invalid input$/, "found another kind of value than expected")
    .replace(/^Invalid (input|option|key in \w+|element in \w+): /, "");
  return printable(path.length === 0 ? wording : `${path.map(String).join(".")}: ${wording}`);
}
