/** What the library exports: a name that goes or comes is a decision. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);

/** What `deno doc --json` says of a module. */
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
