/** What the library's modules import, read from their text. */

import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the project, with a slash at its end. */
export const projectFolder = fileURLToPath(new URL("../", import.meta.url));

/** What a module imports. */
export interface ModuleImports {
  /** Path from the project's folder, with slashes. */
  readonly path: string;
  /** Other modules of the project, by path; workers and dynamic imports are among them. */
  readonly modules: readonly string[];
  /** Those imported for their values when the module loads. */
  readonly loaded: readonly string[];
  /** Everything else: packages and the runtime's own modules. */
  readonly packages: readonly string[];
}

/**
 * `import … from "x"`, `export … from "x"`, `import "x"`, `import("x")`, `resolve("./x.ts")`,
 * `new URL("./x.ts", import.meta.url)` and `workerAddress("./x.ts", import.meta)`.
 */
const specifiers = [
  /^\s*(import|export)\s+(type\s)?[^"';()]*?\sfrom\s+"([^"]+)"/gm,
  /^\s*(import)(\s)"([^"]+)";/gm,
  /\b(import|resolve|URL|workerAddress)(\()\s*"([^"]+)"/g,
];

/** The imports of every module below `lib/`, and of `mod.ts`. */
export async function readModuleImports(): Promise<ModuleImports[]> {
  const paths = ["mod.ts", ...await modulesBelow("lib")];
  return await Promise.all(paths.map(async (path) => importsOf(path, await textOf(path))));
}

/** The imports of a module, by its text. */
export function importsOf(path: string, text: string): ModuleImports {
  const modules = new Set<string>();
  const loaded = new Set<string>();
  const packages = new Set<string>();
  const code = withoutComments(text);
  for (const pattern of specifiers) {
    for (const [, keyword, mark, specifier] of code.matchAll(pattern)) {
      const isStatic = mark !== "(";
      if (specifier.startsWith(".")) {
        const module = posix.normalize(posix.join(posix.dirname(path), specifier));
        modules.add(module);
        if (isStatic && !mark?.startsWith("type")) loaded.add(module);
      } else if (isStatic || keyword === "import") packages.add(specifier);
    }
  }
  return { path, modules: [...modules], loaded: [...loaded], packages: [...packages] };
}

/** A module's text without its comments, in which examples import things, too. */
export function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*?[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
}

async function modulesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(projectFolder + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) paths.push(...await modulesBelow(path));
    else if (name.endsWith(".ts")) paths.push(path);
  }
  return paths.sort();
}

/** The text of a file of the project. */
export function textOf(path: string): Promise<string> {
  return Deno.readTextFile(projectFolder + path);
}
