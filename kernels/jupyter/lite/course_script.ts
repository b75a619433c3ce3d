/** Makes the scripts and WebAssembly that notebooks load in a browser. */

import { join } from "@std/path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleModules } from "../../../lib/browser/bundle.ts";
import { wasmNames } from "../../../lib/browser/page_resources.ts";
import { copyLibraryParts } from "../site/copy_library_parts.ts";
import { type CourseSize, sizeFile } from "./page/course_size.ts";
import { plotlyFile } from "./page/render_figure.ts";

const require = createRequire(import.meta.url);
const project = fileURLToPath(new URL("../../../", import.meta.url));

/** Modules of the project that others in `page/` replace, all without endings. */
const replaced = [
  ["lib/display/png", "png"],
  ["lib/display/render_figure", "render_figure"],
  ["lib/notebook/still_picture", "still_picture"],
  ["lib/platform/notebook_kernel", "notebook_kernel"],
  ["lib/platform/package_file", "package_file"],
] as const;

/** Writes them to a folder. @throws {Error} If `deno bundle` fails; the message says what to do. */
export async function writeCourseScript(folder: string): Promise<void> {
  await copyLibraryParts(folder);
  const wasm = await Promise.all(wasmNames.map((name) => Deno.stat(join(folder, name))));
  const size: CourseSize = { bytes: wasm.reduce((sum, { size }) => sum + size, 0) };
  await Deno.writeTextFile(join(folder, sizeFile), JSON.stringify(size));
  const copies = await Deno.makeTempDir();
  try {
    await copyNotebookModules(copies);
    const scripts = await bundleModules(
      { "course.js": "kernels/jupyter/lite/page/course" },
      importsWith(pathToFileURL(copies).href),
    );
    for (const [name, script] of scripts) await Deno.writeFile(join(folder, name), script);
  } finally {
    await Deno.remove(copies, { recursive: true });
  }
  const plotly = require.resolve("plotly.js-dist-min/plotly.min.js");
  await Deno.copyFile(plotly, join(folder, plotlyFile));
}

/**
 * Copies the modules beside the notebooks. In their own place they would import what the project's
 * `deno.json` calls `nnunet`, since `deno bundle` prefers the nearest configuration to the given one.
 */
async function copyNotebookModules(to: string): Promise<void> {
  for (const folder of ["notebooks", "notebooks/helpers"]) {
    await Deno.mkdir(join(to, folder));
    for await (const { name } of Deno.readDir(join(project, folder))) {
      if (!name.endsWith(".ts")) continue;
      await Deno.copyFile(join(project, folder, name), join(to, folder, name));
    }
  }
}

/** The import map's entries. @param copies Address of the folder with the copied modules. */
function importsWith(copies: string): Record<string, string> {
  const root = pathToFileURL(project).href.replace(/\/$/, "");
  const page = (name: string) => `${root}/kernels/jupyter/lite/page/${name}.ts`;
  return {
    [`${root}/notebooks/`]: `${copies}/notebooks/`,
    [`${copies}/data/`]: `${root}/data/`,
    [`${copies}/lib/`]: `${root}/lib/`,
    ...Object.fromEntries(
      replaced.flatMap(([path, name]) =>
        [root, copies].map((folder) => [`${folder}/${path}.ts`, page(name)])
      ),
    ),
    "nnunet": page("nnunet"),
    "nnunet/notebook": page("notebook"),
    "nnunet/parts": `${root}/lib/parts.ts`,
    "@std/path": `${root}/lib/browser/platform/paths.ts`,
  };
}
