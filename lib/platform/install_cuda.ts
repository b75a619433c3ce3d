/**
 * Installs the libraries that onnxruntime-node needs to compute on NVIDIA GPUs.
 *
 * ONNX Runtime's own libraries must have exactly the version of onnxruntime-node's library, whose
 * internals they share; PyPI's `onnxruntime-gpu` of that version is built from the same source.
 */

import { removeLeftovers } from "./leftovers.ts";
import { temporaryPath } from "./temporary_names.ts";
import { join } from "./paths.ts";
import { nvidiaLibraries, providerLibraries, runtimeFolder } from "./cuda_libraries.ts";

/** Wheels that contain the libraries, for CUDA 13, which requires driver 580 or newer. */
export const cudaWheels: readonly string[] = [
  "onnxruntime-gpu==1.30.0",
  "nvidia-cuda-runtime==13.5.37",
  "nvidia-cuda-nvrtc==13.5.37",
  "nvidia-cublas==13.10.0.20",
  "nvidia-curand==10.4.5.25",
  "nvidia-cudnn-cu13==9.28.1.4",
];

/** Options of {@link installCuda}. */
export interface InstallCudaOptions {
  /** Folder of downloaded wheels; by default they are downloaded from PyPI. */
  readonly wheels?: string;
  /** Command of a Python with pip; `python3` by default. */
  readonly python?: string;
  /** Folder for the libraries; onnxruntime-node's own by default. */
  readonly folder?: string;
}

/**
 * Puts the libraries next to onnxruntime-node's own; they take about 2 GB.
 *
 * @returns Paths of the libraries.
 * @throws {Error} If this is not Linux on x86-64, or pip is missing or fails, or a wheel lacks a
 * library.
 */
export async function installCuda(
  { wheels, python = "python3", folder = runtimeFolder() }: InstallCudaOptions = {},
): Promise<string[]> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(`Cannot install CUDA: found ${os} on ${arch}, expected linux on x86_64`);
  }
  removeLeftovers(folder);
  const unpacked = temporaryPath(folder, "partial");
  await Deno.mkdir(unpacked);
  try {
    const platforms = ["2_28", "2_27", "2_17", "2_12", "2_5"].map((glibc) =>
      `--platform=manylinux_${glibc}_x86_64`
    );
    await pip(python, [
      "install",
      "--disable-pip-version-check",
      "--no-deps",
      "--only-binary=:all:",
      "--python-version=3.12",
      ...platforms,
      ...(wheels === undefined ? [] : ["--no-index", "--find-links", wheels]),
      "--target",
      unpacked,
      ...cudaWheels,
    ]);
    const found = await libraryPaths(unpacked);
    const wanted = [...providerLibraries, ...nvidiaLibraries];
    const missing = wanted.filter((name) => !found.has(name));
    if (missing.length > 0) {
      throw new Error(`Cannot install CUDA: the wheels have no ${missing.join(", ")}`);
    }
    const installed: string[] = [];
    for (const name of wanted) {
      const path = join(folder, name);
      await Deno.rename(found.get(name)!, path);
      installed.push(path);
    }
    return installed;
  } finally {
    await Deno.remove(unpacked, { recursive: true });
  }
}

async function pip(python: string, args: readonly string[]): Promise<void> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, {
      args: ["-m", "pip", ...args],
      stdout: "null",
      stderr: "piped",
    }).output();
  } catch (cause) {
    throw new Error(`Cannot install CUDA: found no ${python}, expected a Python with pip`, {
      cause,
    });
  }
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim();
  throw new Error(`Cannot install CUDA: pip exited with ${output.code}: ${said}`);
}

/** Returns the paths of all files below a folder, by file name. */
async function libraryPaths(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (!isDirectory) found.set(name, path);
    else for (const entry of await libraryPaths(path)) found.set(...entry);
  }
  return found;
}
