import assert from "node:assert/strict";
import { join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { readModuleImports } from "./module_imports.ts";

const root = join(import.meta.dirname!, "..");
const modules = await readModuleImports();
const pinsOf = (imports: Readonly<Record<string, string>>) =>
  Object.values(imports).filter((target) => target.startsWith("npm:"));

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

Deno.test("only lib/packages/ imports packages, so that programs anywhere can import mod.ts", () => {
  // Anywhere else, this project's import map is not in use.
  const named = modules.flatMap(({ path, packages }) =>
    packages.filter((specifier) =>
      path.startsWith("lib/packages/")
        ? !specifier.startsWith("npm:")
        : !specifier.startsWith("node:")
    ).map((specifier) => `${path} imports ${specifier}`)
  );
  assert.deepEqual(named, []);
});

Deno.test("lib/packages/ pins each package as deno.json does", () => {
  const pinned = modules.flatMap(({ packages }) =>
    packages.filter((specifier) => specifier.startsWith("npm:"))
      .map((specifier) => /^npm:(?:@[^/]+\/)?[^/]+/.exec(specifier)![0])
  );
  assert.deepEqual([...new Set(pinned)].sort(), pinsOf(config.imports).sort());
});

Deno.test("every file of lib/packages/ is used", () => {
  const users = modules.filter(({ path }) => path.startsWith("lib/packages/"));
  const unused = users.filter(({ path }) =>
    !modules.some((module) => module.modules.includes(path))
  );
  assert.deepEqual(unused.map(({ path }) => path), []);
});

for (const [folder, imports] of Object.entries(config.scopes)) {
  const packages = Object.keys(imports);
  Deno.test(`deno.json imports into ${folder} only packages that lib/ does not use`, async () => {
    assert.deepEqual(namedIn(await sourceOf(join(root, folder)), packages), packages);
    assert.deepEqual(namedIn(await sourceOf(join(root, "lib")), packages), []);
  });
}
