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

/** A wheel on PyPI. */
export interface CudaWheel {
  /** The package and its version, as pip names them. */
  readonly requirement: string;
  /** Checksum of the file, in hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Wheels that contain the libraries, for CUDA 13, which requires driver 580 or newer. The checksums
 * are those that PyPI lists for the files of Python 3.12 on Linux with x86-64.
 */
export const cudaWheels: readonly CudaWheel[] = [
  {
    requirement: "onnxruntime-gpu==1.30.0",
    sha256: "6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1",
  },
  {
    requirement: "nvidia-cuda-runtime==13.5.37",
    sha256: "df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d",
  },
  {
    requirement: "nvidia-cuda-nvrtc==13.5.37",
    sha256: "86b4d68058807988b7d9af5b44917a0601e9c337f35ccd657bfb3c759ff8d8bc",
  },
  {
    requirement: "nvidia-cublas==13.10.0.20",
    sha256: "dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84",
  },
  {
    requirement: "nvidia-curand==10.4.5.25",
    sha256: "22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529",
  },
  {
    requirement: "nvidia-cudnn-cu13==9.28.1.4",
    sha256: "a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec",
  },
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
 * Puts the libraries next to onnxruntime-node's own; they take about 2 GB. pip compares every wheel
 * with its checksum before it unpacks any, whether it comes from PyPI, a mirror or `wheels`.
 *
 * @returns Paths of the libraries.
 * @throws {Error} If this is not Linux on x86-64, or pip is missing or fails, a wheel does not match
 * its checksum, or a wheel lacks a library; nothing is installed then.
 */
export async function installCuda(
  { wheels, python = "python3", folder = runtimeFolder() }: InstallCudaOptions = {},
): Promise<string[]> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(`Cannot install CUDA: found ${os} on ${arch}, expected linux on x86_64`);
  }
  removeLeftovers(folder);
  const temporary = temporaryPath(folder, "partial");
  await Deno.mkdir(temporary);
  const unpacked = join(temporary, "unpacked");
  const requirements = join(temporary, "requirements.txt");
  try {
    await Deno.writeTextFile(requirements, formatRequirements());
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
      "--require-hashes",
      "--requirement",
      requirements,
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
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Returns the text of a requirements file that allows exactly the {@link cudaWheels}. */
function formatRequirements(): string {
  return cudaWheels.map(({ requirement, sha256 }) => `${requirement} --hash=sha256:${sha256}\n`)
    .join("");
}

async function pip(python: string, args: readonly string[]): Promise<void> {
  let output: Deno.CommandOutput;
  try {
    const process = new Deno.Command(python, {
      args: ["-m", "pip", ...args],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    // A stop exits the process, and pip must not write on.
    const end = () => process.kill("SIGTERM");
    globalThis.addEventListener("unload", end);
    output = await process.output();
    globalThis.removeEventListener("unload", end);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new Error(`Cannot install CUDA: starting ${python} needs --allow-run`, { cause });
    }
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
