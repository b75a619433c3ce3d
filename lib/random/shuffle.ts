/** Puts lists in random order. */

import type { Generator } from "./generator.ts";

/**
 * Shuffles a list in place, so that every order is equally likely (Fisher–Yates).
 *
 * @param list The list.
 * @param generator Draws one integer from [0, i + 1) for each i from the last index down to 1.
 * @returns The same list.
 */
export function shuffle<T extends unknown[] | Uint8Array>(
  list: T,
  generator: Pick<Generator, "integer">,
): T {
  for (let i = list.length - 1; i > 0; i--) {
    const j = generator.integer(0, i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
