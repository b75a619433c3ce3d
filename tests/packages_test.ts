import assert from "node:assert/strict";
import { join } from "@std/path";
import config from "../deno.json" with { type: "json" };

/** Reads the source text of all modules in a folder and its subfolders. */
async function sourceOf(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) texts.push(await sourceOf(path));
    else if (/\.[jt]s$/.test(name)) texts.push(await Deno.readTextFile(path));
  }
  return texts.join("\n");
}

/** Returns the packages that a text names in a string, as `pkg` or as `pkg/file.js`. */
function namedIn(text: string, names: readonly string[]): string[] {
  const literals = [...text.matchAll(/["']([^"'\s]+)["']/g)].map(([, literal]) => literal);
  return names.filter((name) =>
    literals.some((literal) => literal === name || literal.startsWith(`${name}/`))
  );
}

const root = join(import.meta.dirname!, "..");
const library = Object.keys(config.imports).filter((name) => !name.startsWith("."));
const scopes = Object.entries(config.scopes).map(([folder, imports]) => ({
  folder,
  packages: Object.keys(imports),
}));

Deno.test("deno.json imports only packages that the library uses", async () => {
  const text = await sourceOf(join(root, "lib"));
  assert.deepEqual(namedIn(text, library), library);
});

for (const { folder, packages } of scopes) {
  Deno.test(`deno.json imports into ${folder} only packages that lib/ does not use`, async () => {
    assert.deepEqual(namedIn(await sourceOf(join(root, folder)), packages), packages);
    assert.deepEqual(namedIn(await sourceOf(join(root, "lib")), packages), []);
  });
}
