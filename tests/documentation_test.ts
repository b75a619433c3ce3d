/** Checks that everything the library exports is documented. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { type Callable, documentedSymbols } from "./documented_symbols.ts";

for (const [path, entry] of Object.entries(config.exports)) {
  const name = path.replace(/^\./, "nnunet");
  Deno.test(`deno doc --lint finds no undocumented or private names in ${name}`, async () => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--lint", entry],
      cwd: fileURLToPath(new URL("../", import.meta.url)),
      env: { NO_COLOR: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });

  Deno.test(`${name} documents parameters, results and examples of functions and classes`, async () => {
    const missing: string[] = [];
    for (const { name, kind, tags, callables } of await documentedSymbols(entry)) {
      if (kind !== "function" && kind !== "class") continue;
      if (!tags.some((tag) => tag.kind === "example")) missing.push(`${name}: @example`);
      for (const callable of callables) missing.push(...missingTags(callable));
    }
    assert.deepEqual(missing, []);
  });
}

/** Returns the tags that the documentation of a function or method lacks. */
function missingTags({ name, parameters, returns, tags }: Callable): string[] {
  // A pattern's properties are documented as options.first, options.second, …
  const documented = [
    ...new Set(tags.filter(({ kind }) => kind === "param").map(({ name }) => name!.split(".")[0])),
  ];
  const missing = parameters.length === documented.length
    ? parameters.flatMap((parameter, i) =>
      parameter === undefined || parameter === documented[i] ? [] : [`@param ${parameter}`]
    )
    : [`@param for each of (${parameters.map((parameter) => parameter ?? "{…}").join(", ")})`];
  if (returns && !tags.some((tag) => tag.kind === "return")) missing.push("@returns");
  return missing.map((tag) => `${name}: ${tag}`);
}
