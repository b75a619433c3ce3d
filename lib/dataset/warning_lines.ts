/** Words warnings so that many cases of one kind are one line. */

import { nameSome } from "../files/some_names.ts";
import { count } from "../options/count.ts";
import type { Problem } from "./check_case.ts";
import { describeProblem } from "./integrity.ts";

/**
 * Returns one line for each kind of problem: the first one, and the names of the other cases.
 *
 * @param problems Problems of any cases.
 */
export function warningLines(problems: readonly Problem[]): string[] {
  const groups = Map.groupBy(problems, ({ kind, message }) => kind ?? message);
  return [...groups.values()].map((group) => {
    const [first] = group;
    const others = new Set(group.flatMap((one) => one.case ?? []));
    others.delete(first.case!);
    const also = others.size === 0
      ? ""
      : `; similar in ${count(others.size, "other case")}: ${nameSome([...others])}`;
    return describeProblem(first) + also;
  });
}
