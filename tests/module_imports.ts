/** Reads from their source text what the library's modules import. */

import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

/** The project's folder, with a trailing slash. */
export const projectFolder = fileURLToPath(new URL("../", import.meta.url));

/** A module's imports. */
export interface ModuleImports {
  /** Path relative to the project's folder, with slashes. */
  readonly path: string;
  /**
   * Paths of imported files of the project, including workers and dynamic imports. An entry point of
   * the library, such as `nnunet/parts`, counts as its module.
   */
  readonly modules: readonly string[];
  /** The subset that is loaded with the module: not types, workers or dynamic imports. */
  readonly loaded: readonly string[];
  /** Imported packages and modules of the runtime. */
  readonly packages: readonly string[];
}

/**
 * Matches `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`,
 * `resolve("./x.ts")`,
 * `new URL("./x.ts", import.meta.url)` and `workerAddress("./x.ts", import.meta)`.
 */
const specifiers = [
  /^\s*(import|export)\s+(type\s)?[^"';()]*?\sfrom\s+"([^"]+)"/gm,
  /^\s*(import)(\s)"([^"]+)"(?: with \{[^}]*\})?;/gm,
  /\b(import|resolve|URL|workerAddress)(\()\s*"([^"]+)"/g,
];

/** The library's entry points: paths of modules by the specifiers that users import them with. */
const entries = new Map(
  Object.entries(config.exports).map(([name, path]) => [
    name.replace(/^\./, "nnunet"),
    posix.normalize(path),
  ]),
);

/** Reads the imports of `mod.ts` and of every module and script below `lib/`. */
export async function readModuleImports(): Promise<ModuleImports[]> {
  const paths = ["mod.ts", ...await modulesBelow("lib")];
  return await Promise.all(paths.map(async (path) => importsOf(path, await textOf(path))));
}

/** Returns the imports in the source text of a module. */
export function importsOf(path: string, text: string): ModuleImports {
  const modules = new Set<string>();
  const loaded = new Set<string>();
  const packages = new Set<string>();
  const code = withoutComments(text);
  for (const pattern of specifiers) {
    for (const [, keyword, mark, specifier] of code.matchAll(pattern)) {
      const isStatic = mark !== "(";
      const module = projectFile(path, specifier);
      if (module !== undefined) {
        modules.add(module);
        if (isStatic && !mark?.startsWith("type")) loaded.add(module);
      } else if (isStatic || keyword === "import") packages.add(specifier);
    }
  }
  return { path, modules: [...modules], loaded: [...loaded], packages: [...packages] };
}

/** Returns the path of an imported file of the project; undefined for packages. */
function projectFile(path: string, specifier: string): string | undefined {
  if (/^nnunet(\/|$)/.test(specifier)) return entries.get(specifier) ?? specifier;
  if (!specifier.startsWith(".")) return undefined;
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** Removes the comments of a module, since examples in them contain imports. */
export function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*?[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
}

async function modulesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(projectFolder + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await modulesBelow(path));
    else if (/\.[jt]s$/.test(name)) paths.push(path);
  }
  return paths.sort();
}

/** Reads a file of the project. */
export function textOf(path: string): Promise<string> {
  return Deno.readTextFile(projectFolder + path);
}
