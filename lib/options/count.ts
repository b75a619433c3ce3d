/** Words numbers of things. */

/**
 * Returns a number with its noun, such as `1 case` or `2 cases`.
 *
 * @param noun The noun in the singular.
 */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
