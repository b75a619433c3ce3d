/** Shortens long lists of names in messages. */

import { printable } from "../untrusted/printable.ts";

/** Joins the first five names and counts the others, as in `a, b, c, d, e and 2 more`. */
export function nameSome(names: readonly string[]): string {
  const some = names.slice(0, 5).map((name) => printable(name)).join(", ");
  return names.length > 5 ? `${some} and ${names.length - 5} more` : some;
}
