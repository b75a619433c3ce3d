/** Checks what is bundled for pages, and that its parts are made once. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import {
  configOf,
  otherModules,
  packageModules,
  pageParts,
  partNames,
  platformModules,
} from "../../lib/browser/bundle.ts";
import { cacheFolder } from "../../lib/browser/cache_folder.ts";
import { type ModuleImports, projectFolder, readModuleImports, textOf } from "../module_imports.ts";

const modules = new Map((await readModuleImports()).map((module) => [module.path, module]));

/** Modules of the platform that are the same in pages. */
const shared = [
  ...["atomic_folder", "atomic_write", "file_error", "read_text", "shared_memory"],
  ...["temporary_names", "web_gpu"],
];

/** Modules of a bundle, by the path of its entry: those that are replaced, but not what they import. */
function bundled(entry: string): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    const replaced = platformModules.some((name) => path === `lib/platform/${name}.ts`) ||
      Object.keys(otherModules).some((name) => path === `lib/${name}.ts`);
    if (replaced || !modules.has(path)) return; // Phantoms are not in `lib/`.
    const { loaded, modules: all } = modules.get(path) as ModuleImports;
    // Dynamic imports are bundled, too; workers are in a bundle of their own.
    const dynamic = all.filter((module) => !module.endsWith("_worker.ts") || entry === path);
    for (const module of [...loaded, ...dynamic.filter(isLoaded(path))]) visit(module);
  };
  visit(entry);
  return reached;
}

/** Whether a module imports another by `import()`. */
function isLoaded(path: string) {
  const text = texts.get(path)!;
  return (module: string) => text.includes(`import("`) && text.includes(module.split("/").at(-1)!);
}

const texts = new Map<string, string>();
for (const path of modules.keys()) texts.set(path, await textOf(path));

const scripts = { "lib/browser/page.ts": "worker", "lib/browser/global.ts": "library_workers" };
const entries = Object.entries(scripts)
  .flatMap(([page, workers]) => [page, `lib/browser/${workers}.ts`]).map(bundled);

Deno.test("everything of the platform that pages load runs in pages", () => {
  const found = new Set(entries.flatMap((reached) => [...reached]));
  const names = [...found].filter((path) => path.startsWith("lib/platform/"))
    .map((path) => path.slice("lib/platform/".length, -".ts".length));
  assert.deepEqual(
    names.filter((name) => !shared.includes(name)).sort(),
    [...platformModules].sort(),
  );
});

Deno.test("modules of pages stand in for modules of the same names, and export nothing else", async () => {
  for (
    const [folder, names] of [["platform", platformModules], ["packages", packageModules]] as const
  ) {
    for (const name of names) {
      const own = Object.keys(await import(join(projectFolder, `lib/${folder}/${name}.ts`)));
      const other = Object.keys(
        await import(join(projectFolder, `lib/browser/${folder}/${name}.ts`)),
      );
      assert.deepEqual(other.filter((key) => !own.includes(key)), [], name);
    }
  }
});

for (const [page, workers] of Object.entries(scripts)) {
  Deno.test(`${workers}.ts knows every worker that is started with ${page}`, () => {
    const script = `lib/browser/${workers}.ts`;
    const reached = new Set([page, script].flatMap((path) => [...bundled(path)]));
    const started = new Set(
      [...reached].filter((path) => path !== script).flatMap((path) =>
        modules.get(path)?.modules.filter((module) => module.endsWith("_worker.ts")) ?? []
      ).filter((module) => texts.get(module)?.includes("serve(api)")),
    );
    const known = [...texts.get(script)!.matchAll(/(\w+): \(\) => import\("([^"]+)"\)/g)];
    for (const [, name, path] of known) assert.equal(path.split("/").at(-1), `${name}.ts`);
    const names = new Set(known.map(([, name]) => name));
    const missing = [...started].map((path) => path.split("/").at(-1)!.slice(0, -".ts".length))
      .filter((name) => !names.has(name));
    assert.deepEqual(missing, []);
  });
}

Deno.test("configOf() maps addresses of servers, and of copies of npm packages", () => {
  const onServer = configOf({ root: "https://example.org/nnunet/", ending: ".ts", packages: {} });
  const { imports } = onServer as { imports: Record<string, string> };
  assert.equal(
    imports["https://example.org/nnunet/lib/platform/files.ts"],
    "https://example.org/nnunet/lib/browser/platform/files.ts",
  );
  const copied = configOf({
    root: "file:///tmp/copy/",
    ending: ".js",
    packages: { zod: "npm:zod@4.6.7" },
  });
  assert.equal((copied as { imports: Record<string, string> }).imports.zod, "npm:zod@4.6.7");
});

Deno.test("pageParts() makes the parts once", async () => {
  const folder = await pageParts();
  const made = await Deno.stat(join(folder, "page.js"));
  assert.equal(await pageParts(), folder);
  assert.deepEqual((await Deno.stat(join(folder, "page.js"))).mtime, made.mtime);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert.deepEqual(names.sort(), partNames.flatMap((name) => [name, `${name}.gz.base64`]).sort());
});

Deno.test("cacheFolder() follows the system's variables", () => {
  const of = (os: string, variables: Record<string, string>) =>
    cacheFolder((name) => variables[name], os);
  assert.equal(of("linux", { HOME: "/home/a" }), join("/home/a", ".cache", "nnunet"));
  assert.equal(of("linux", { HOME: "/home/a", XDG_CACHE_HOME: "/c" }), join("/c", "nnunet"));
  assert.equal(of("darwin", { HOME: "/Users/a" }), join("/Users/a", "Library", "Caches", "nnunet"));
  assert.equal(of("windows", { LOCALAPPDATA: "C:\\L" }), join("C:\\L", "nnunet"));
  assert.throws(() => of("linux", {}), /set XDG_CACHE_HOME/);
});
