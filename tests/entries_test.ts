/** Pins the names that the library exports, so that none changes by accident. */

import config from "../deno.json" with { type: "json" };
import { documentedSymbols } from "./documented_symbols.ts";

for (const [entry, file] of Object.entries(config.exports)) {
  const name = entry.replace(/^\./, "nnunet");
  Deno.test(`${name} exports these names, and no others`, async (t) => {
    const kinds = new Map<string, Set<string>>();
    for (const { name, kind } of await documentedSymbols(file)) {
      kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
    }
    const exported = [...kinds].map(([name, kinds]) => `${[...kinds].join(" and ")} ${name}`);
    await t.assertSnapshot(exported.toSorted());
  });
}
