/** The script that notebooks load in a browser: it defines `openCourse()` and `importModule()`. */

import "./wait_for_files.ts"; // Before the modules that look for it.
import { openParts } from "../../../../lib/browser/open_parts.ts";
import { LiveProgress } from "../../../../lib/notebook/live_progress.ts";
import { Output } from "../../../../lib/notebook/output.ts";
import { formatBytes } from "../../../../lib/options/format_bytes.ts";
import { type CourseSize, sizeFile } from "./course_size.ts";
import { holdCells } from "./hold_cells.ts";
import { plotlyFile, setPlotlyAddress } from "./render_figure.ts";
import { type PageSettings, setSettings } from "./settings.ts";

const page = globalThis as unknown as { readonly document: { readonly baseURI: string } };

/** The modules, whose WebAssembly is needed as soon as they run. */
let modules: typeof import("./modules.ts").modules | undefined;

/**
 * Loads the library.
 *
 * @param folder Address of the folder of this script, relative to the page.
 * @param settings How much the notebook computes.
 * @throws {TypeError} If a setting is unknown.
 * @throws {Error} If a file cannot be loaded.
 */
async function openCourse(folder: string, settings: Partial<PageSettings> = {}): Promise<void> {
  setSettings(settings);
  if (modules) return;
  const addressOf = (name: string) => new URL(folder + name, page.document.baseURI).href;
  const response = await fetch(addressOf(sizeFile));
  if (!response.ok) throw new Error(`Cannot load ${sizeFile}: ${response.status}`);
  const { bytes }: CourseSize = await response.json();
  const progress = new LiveProgress("loading the library");
  await openParts(folder, {
    onProgress(loadedBytes) {
      const amount = `${formatBytes(loadedBytes)} of ${formatBytes(bytes)}`;
      progress.update(Math.min(1, loadedBytes / bytes), amount);
    },
  });
  await progress.flush();
  setPlotlyAddress(addressOf(plotlyFile));
  ({ modules } = await import("./modules.ts"));
}

/**
 * Returns a module of the course.
 *
 * @param name What the notebook on a computer imports.
 * @throws {Error} If the course is not open or has no such module.
 */
function importModule(name: string): Promise<Readonly<Record<string, unknown>>> {
  if (!modules) {
    throw new Error(`Cannot import ${name}: run the notebook's first code cell, which loads it`);
  }
  const found = modules[name];
  if (!found) {
    throw new Error(
      `Cannot import ${name}: expected one of ${Object.keys(modules).join(", ")}`,
    );
  }
  return Promise.resolve(found);
}

// How JupyterLite's kernel asks for what to show. It draws no Plotly figures of its own.
Object.defineProperty(Output.prototype, "_toMime", {
  value(this: Output) {
    const { "application/vnd.plotly.v1+json": _, ...bundle } = this.bundle;
    return bundle;
  },
});

holdCells();
Object.assign(globalThis, { openCourse, importModule });
