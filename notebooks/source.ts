/** Opens the notebooks' scans, which `my_scans.ts` names, and makes a data set of them. */

import { join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { expandHome } from "../lib/cli/user_paths.ts";
import { shortLearning } from "./common.ts";
import { phantomSource } from "./phantom_source.ts";
import { type Prepared, prepareDataset, type Source } from "./prepare_dataset.ts";
import { level, settings } from "./settings.ts";

export type { Prepared, Source };

const runs = fileURLToPath(new URL(`../data/runs/notebooks_${level}/`, import.meta.url));

/**
 * Opens the scans that `my_scans.ts` names at the time of the call.
 *
 * @param choice Other scans, or `phantoms`, which are generated unless they exist.
 * @returns The source, with absolute folders that exist.
 * @throws {Error} If a folder does not exist; the message names all that are missing.
 */
export async function openScans(choice?: "phantoms" | Source): Promise<Source> {
  choice ??= await readChoice();
  if (choice === "phantoms") {
    return await phantomSource(join(runs, "phantoms"), { cases: settings.cases });
  }
  const source = {
    ...choice,
    images: resolve(expandHome(choice.images)),
    labels: resolve(expandHome(choice.labels)),
  };
  const missing = [];
  if (!await isFolder(source.images)) missing.push(`the scans' folder ${source.images}`);
  if (!await isFolder(source.labels)) missing.push(`the label maps' folder ${source.labels}`);
  if (missing.length === 0) return source;
  throw new Error(
    `Cannot open the scans of "${source.name}": did not find ${missing.join(" and ")}. ` +
      "Correct the paths in notebooks/my_scans.ts, save it, and run this cell again",
  );
}

/** Reads `my_scans.ts` again if it has changed, although a process imports a module only once. */
async function readChoice(): Promise<"phantoms" | Source> {
  const file = new URL("my_scans.ts", import.meta.url);
  const { mtime } = await Deno.stat(file);
  const module: typeof import("./my_scans.ts") = await import(`${file}?${mtime?.getTime()}`);
  return module.scans;
}

async function isFolder(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isDirectory === true;
}

/** Creates a data set as notebook 1 does step by step, with every fifth case for testing. */
export function datasetOf(source: Source): Promise<Prepared> {
  return prepareDataset(source, runs);
}

/** Options for a training that takes minutes. */
export const shortTraining = {
  ...shortLearning,
  epochs: settings.epochs,
  iterations: settings.iterations,
  validationIterations: settings.validationIterations,
};

/** Planning options for a network that two cores train in minutes. */
export const smallPlan = {
  gpuMemoryTarget: settings.gpuMemoryTarget,
  baseFeatures: settings.baseFeatures,
};
