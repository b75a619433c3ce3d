/** Enforces the table in CONTRIBUTING.md of which room may import from which. */

import assert from "node:assert/strict";
import { importsOf, type ModuleImports, readModuleImports, textOf } from "./module_imports.ts";

const imports = await readModuleImports();
const rows = rowsOf(await textOf("CONTRIBUTING.md"));

Deno.test("CONTRIBUTING.md's table has a row for every module", () => {
  assert.deepEqual(imports.map(({ path }) => path).filter((path) => rowOf(path) === -1), []);
});

Deno.test("CONTRIBUTING.md's table lists only existing rooms", () => {
  const empty = rows.flat().filter((room) => !imports.some(({ path }) => isIn(path, room)));
  assert.deepEqual(empty, []);
});

Deno.test("no module imports from a row above its own, not even a type", () => {
  assert.deepEqual(importsWhere((to, from) => to !== -1 && to < from), []);
});

Deno.test("no module imports files outside the table's rooms, such as tests or notebooks", () => {
  // The package's name and version have one place.
  const version = "lib/launch/version.ts imports deno.json";
  // Pages make phantoms.
  const phantoms = [
    "lib/browser/library_workers.ts imports data/phantom_worker.ts",
    "lib/browser/mod.ts imports data/phantom.ts",
  ];
  assert.deepEqual(importsWhere((to) => to === -1), [...phantoms, version]);
});

Deno.test("importsOf() counts the library's entry points as its modules, not as packages", () => {
  const text = 'import type { Heads } from "nnunet";\nexport * from "nnunet/parts";\n' +
    'const all = await import("nnunet/missing");\nimport { z } from "zod";\n';
  assert.deepEqual(importsOf("lib/model/heads.ts", text), {
    path: "lib/model/heads.ts",
    modules: ["mod.ts", "lib/parts.ts", "nnunet/missing"],
    loaded: ["lib/parts.ts"],
    packages: ["zod"],
  });
});

Deno.test("no modules import each other in a cycle, not even types", () => {
  assert.deepEqual(cyclesAmong(imports), []);
});

Deno.test("cyclesAmong() finds a cycle of three, and none in a diamond", () => {
  const module = (path: string, ...modules: string[]): ModuleImports => ({
    path,
    modules,
    loaded: [],
    packages: [],
  });
  assert.deepEqual(
    cyclesAmong([module("a", "b"), module("b", "c"), module("c", "a"), module("d", "a")]),
    ["a → b → c → a"],
  );
  assert.deepEqual(
    cyclesAmong([module("a", "b", "c"), module("b", "d"), module("c", "d"), module("d")]),
    [],
  );
});

/** Reads the rooms of each row, top to bottom: folders end in a slash, files in `.ts`. */
function rowsOf(contributing: string): string[][] {
  const [, table] = contributing.split("## Layout");
  return table.split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => [...line.split("|")[1].matchAll(/`([^`]+)`/g)].map(([, room]) => room))
    .map((rooms) => rooms.filter((room) => room === "mod.ts" || room.startsWith("lib/")))
    .filter((rooms) => rooms.length > 0);
}

/** Lists the imports whose rows, of the imported and of the importing file, satisfy a condition. */
function importsWhere(matches: (to: number, from: number) => boolean): string[] {
  return imports.flatMap(({ path, modules }) =>
    modules.filter((module) => matches(rowOf(module), rowOf(path)))
      .map((module) => `${path} imports ${module}`)
  );
}

function rowOf(path: string): number {
  return rows.findIndex((rooms) => rooms.some((room) => isIn(path, room)));
}

function isIn(path: string, room: string): boolean {
  return room.endsWith("/") ? path.startsWith(room) : path === room;
}

/** Returns one line per import cycle. */
function cyclesAmong(modules: readonly ModuleImports[]): string[] {
  const next = new Map(modules.map(({ path, modules }) => [path, modules]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    const seen = trail.indexOf(path);
    if (seen >= 0) cycles.push([...trail.slice(seen), path].join(" → "));
    if (seen >= 0 || done.has(path)) return;
    for (const module of next.get(path) ?? []) visit(module, [...trail, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return cycles;
}
