/** Long lists of cases or files in messages. */

/** The first five names, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const some = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${some} and ${names.length - 5} more` : some;
}
