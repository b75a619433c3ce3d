/** Makes a JupyterLite in which the course's notebooks run, as a folder of static files. */

import { basename, join } from "@std/path";
import { ensurePythonEnvironment } from "../../python_environment.ts";
import { readNotebook } from "../notebook_file.ts";
import { browserNotebook, isWorthOpening } from "./browser_notebook.ts";
import { writeCourseScript } from "./course_script.ts";
import type { LiteNotebook } from "./lite_notebook.ts";
import { modules } from "./page/modules.ts";
import { settings as defaultSettings } from "./page/settings.ts";

/**
 * Name and packages of the Python environment that builds JupyterLite. Readers of the site need no
 * Python. Version 0.4 of the kernel awaits at the top level and runs in the page, which 0.3 does not.
 */
export const liteEnvironment = [
  "jupyterlite",
  [["jupyterlite-core[contents]==0.8.6", "jupyterlite-javascript-kernel==0.4.0a5"]],
] as const;

/** How to make it. */
export interface LiteOptions {
  /** Paths of the notebooks, in reading order. */
  readonly notebooks: readonly string[];
  /** How much their cells compute. */
  readonly settings?: Readonly<Record<string, number>>;
}

/**
 * Writes JupyterLite with all notebooks of which at least half of the code cells run.
 *
 * @param folder An empty folder.
 * @throws {NoPythonError} If there is no Python.
 * @throws {Error} If packages cannot be installed or something cannot be built; it says what to do.
 */
export async function writeLite(
  folder: string,
  { notebooks, settings = { ...defaultSettings } }: LiteOptions,
): Promise<LiteNotebook[]> {
  const python = await ensurePythonEnvironment(...liteEnvironment);
  const read = await Promise.all(notebooks.map(async (path) => ({
    name: basename(path),
    original: await readNotebook(path),
  })));
  const transform = (offered: readonly string[]) =>
    read.map(({ name, original }) => ({
      name,
      ...browserNotebook(original, { name, modules, settings, offered }),
    }));
  const offered = transform([]).filter(isWorthOpening).map(({ name }) => name);
  const made = transform(offered);
  const work = await Deno.makeTempDir();
  try {
    const contents = join(work, "contents");
    await Deno.mkdir(contents);
    for (const { name, notebook } of made) {
      if (!offered.includes(name)) continue;
      await Deno.writeTextFile(join(contents, name), JSON.stringify(notebook, null, 1));
    }
    await Deno.writeTextFile(join(work, "jupyter-lite.json"), JSON.stringify(configuration));
    await buildLite(python, work, contents, folder);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  const scripts = join(folder, "nnunet");
  await Deno.mkdir(scripts);
  await writeCourseScript(scripts);
  return made.map(({ name, notebook, codeCells, leftOut }) => ({
    name,
    title: titleOf(notebook.cells.map(({ source }) => `${source}`)) ?? name,
    codeCells,
    leftOut,
    offered: offered.includes(name),
  }));
}

/** JupyterLite's own settings. */
const configuration = {
  "jupyter-lite-schema-version": 0,
  "jupyter-config-data": {
    appName: "nnU-Net, live",
    appUrl: "./tree",
    defaultKernelName: "javascript",
    enableMemoryStorage: false,
    // The kernel's frame listens to the application's stop button.
    exposeAppInBrowser: true,
  },
};

/** Runs `jupyter lite build`. @throws {Error} If it fails, with what it reports. */
async function buildLite(
  python: string,
  work: string,
  contents: string,
  folder: string,
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: [
      ...["-m", "jupyterlite_core", "build", "--no-sourcemaps", "--apps", "notebooks"],
      ...["--apps", "tree", "--lite-dir", work, "--contents", contents, "--output-dir", folder],
    ],
    cwd: work,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return;
  const report = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  throw new Error(`jupyter lite build fails and reports: ${report.trim().slice(-2000)}`);
}

function titleOf(texts: readonly string[]): string | undefined {
  return texts.flatMap((text) => /^# +(.+)$/m.exec(text)?.[1] ?? [])[0];
}
