/** Pins the names that the library exports, so that none changes by accident. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

/** The parts of the output of `deno doc --json` that are used. */
interface Documented {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly { readonly kind: string }[];
      }[];
    }>
  >;
}

for (const [entry, file] of Object.entries(config.exports)) {
  const name = entry.replace(/^\./, "nnunet");
  Deno.test(`${name} exports these names, and no others`, async (t) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--json", file],
      cwd: fileURLToPath(root),
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const { nodes }: Documented = JSON.parse(new TextDecoder().decode(stdout));
    const exported = nodes[new URL(file, root).href].symbols.map(({ name, declarations }) =>
      `${[...new Set(declarations.map(({ kind }) => kind))].join(" and ")} ${name}`
    );
    await t.assertSnapshot(exported.toSorted());
  });
}
