/** Writes the package for JSR: the sources that `publish` in `deno.json` lists. */

import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

/** The folder of the project. */
export const projectFolder = fileURLToPath(new URL("../../", import.meta.url));

/** What a package is called, and where it is written. */
export interface PackageOptions {
  /** The owner's scope on the registry, without `@`. */
  readonly scope: string;
  readonly version: string;
  /** The folder to write, which does not exist or is empty. */
  readonly folder: string;
}

/** Writes the package into a folder, from which `deno publish` sends it. */
export async function jsrPackage({ scope, version, folder }: PackageOptions): Promise<void> {
  for (const path of await packedFiles()) {
    if (path === "deno.json") continue;
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    await Deno.copyFile(join(projectFolder, path), join(folder, path));
  }
  const { license, exports, imports, compilerOptions } = config;
  const own = { name: `@${scope}/nnunet`, version, license, exports, imports, compilerOptions };
  await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(own, null, 2) + "\n");
}

/** Returns the paths of all files in a package, relative to the project and sorted. */
export async function packedFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of config.publish.include) {
    if (pattern.includes("*")) {
      const folder = dirname(pattern);
      const ending = pattern.slice(pattern.indexOf("*") + 1);
      for await (const { name } of Deno.readDir(join(projectFolder, folder))) {
        if (name.endsWith(ending)) files.push(`${folder}/${name}`);
      }
    } else files.push(...await filesBelow(pattern));
  }
  return files.sort();
}

async function filesBelow(path: string): Promise<string[]> {
  if ((await Deno.stat(join(projectFolder, path))).isFile) return [normalize(path)];
  const files: string[] = [];
  for await (const { name } of Deno.readDir(join(projectFolder, path))) {
    files.push(...await filesBelow(`${path}/${name}`));
  }
  return files;
}
