/** The kernelspec of "Deno (nnU-Net)", and the folders in which Jupyter looks for it. */

import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { svgToPng } from "../lib/display/png.ts";
import { writeFolderAtomically } from "../lib/platform/atomic_folder.ts";

/** The kernel's name in notebooks' metadata. */
export const kernelName = "deno-nnunet";

const logoSizes = [32, 64];

/**
 * Jupyter's data folder.
 *
 * @param environment Environment variables, some of which change the folder.
 * @see https://docs.jupyter.org/en/latest/use/jupyter-directories.html
 */
export function userDataFolder(
  environment: Readonly<Record<string, string>>,
  os: typeof Deno.build.os = Deno.build.os,
): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, HOME = "", APPDATA = "" } = environment;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (os === "windows") return join(APPDATA, "jupyter");
  if (os === "darwin") return join(HOME, "Library", "Jupyter");
  return join(XDG_DATA_HOME || join(HOME, ".local", "share"), "jupyter");
}

/** Jupyter's data folder in a Python installed at `prefix`. */
export function prefixDataFolder(prefix: string): string {
  return join(prefix, "share", "jupyter");
}

/**
 * Installs the kernel, replacing an earlier installation.
 *
 * @param dataFolder Jupyter's data folder.
 * @param variables Environment variables of every kernel.
 * @returns The folder of the kernelspec.
 */
export async function installKernelspec(
  dataFolder: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = kernelspecFolder(dataFolder);
  const svg = await Deno.readTextFile(new URL("logo.svg", import.meta.url));
  await writeFolderAtomically(folder, async (temporary) => {
    await Deno.writeTextFile(join(temporary, "kernel.json"), formatKernelspec(variables));
    await Deno.writeTextFile(join(temporary, "logo-svg.svg"), svg);
    for (const size of logoSizes) {
      const sized = svg.replace(/width="\d+" height="\d+"/, `width="${size}" height="${size}"`);
      await Deno.writeFile(join(temporary, `logo-${size}x${size}.png`), await svgToPng(sized));
    }
  }, { overwrite: true });
  return folder;
}

/** Removes the kernel. @returns Its folder, or undefined if it was not installed. */
export async function uninstallKernelspec(dataFolder: string): Promise<string | undefined> {
  const folder = kernelspecFolder(dataFolder);
  try {
    await Deno.remove(folder, { recursive: true });
    return folder;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function kernelspecFolder(dataFolder: string): string {
  return join(dataFolder, "kernels", kernelName);
}

function formatKernelspec(variables: Readonly<Record<string, string>>): string {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const kernelspec = {
    // The full path of Deno, which may not be on the PATH: `npx deno` runs it from npm's cache.
    argv: [
      ...[Deno.execPath(), "run", "--allow-all", "--quiet"],
      ...["--config", path("../deno.json"), path("launch.ts"), "{connection_file}"],
    ],
    display_name: "Deno (nnU-Net)",
    language: "typescript",
    env: variables,
  };
  return JSON.stringify(kernelspec, null, 2) + "\n";
}
