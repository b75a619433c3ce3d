/**
 * Loads NVIDIA's libraries for ONNX Runtime's CUDA provider.
 *
 * The npm package onnxruntime-node does not contain them. `nnunet install_cuda` puts them next to
 * its own library, from where they are loaded before the provider needs them, so that the system's
 * search path does not matter. The system has to find libraries that are not there.
 */

import { dirname, join } from "./paths.ts";
import { existsSync } from "./files.ts";
import { packageFile } from "./package_file.ts";
import { reasonOf } from "../options/reason_of.ts";

/** ONNX Runtime's own libraries for CUDA. */
export const providerLibraries: readonly string[] = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

/** NVIDIA's libraries, each after its dependencies. */
export const nvidiaLibraries: readonly string[] = [
  "libcudart.so.13",
  "libnvrtc-builtins.so.13.5",
  "libnvrtc.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
  "libcudnn_graph.so.9",
  "libcudnn_ops.so.9",
  "libcudnn_cnn.so.9",
  "libcudnn_adv.so.9",
  "libcudnn_engines_precompiled.so.9",
  "libcudnn_engines_runtime_compiled.so.9",
  "libcudnn_engines_tensor_ir.so.9",
  "libcudnn_heuristic.so.9",
  "libcudnn_ext.so.9",
  "libcudnn.so.9",
];

/**
 * Returns the folder of onnxruntime-node's libraries for this system, where it looks for providers.
 */
export function runtimeFolder(): string {
  const main = packageFile("onnxruntime-node");
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  return join(dirname(main), "..", "bin", "napi-v6", os, arch);
}

/** Returns the names of ONNX Runtime's own libraries that are missing in a folder. */
export function missingProviderLibraries(folder: string = runtimeFolder()): string[] {
  return providerLibraries.filter((name) => !existsSync(join(folder, name)));
}

let loaded = false;

/**
 * Loads the NVIDIA libraries in a folder, by default ONNX Runtime's, once per process.
 *
 * @returns One error message per library that is present but cannot be loaded.
 */
export function loadCudaLibraries(folder: string = runtimeFolder()): string[] {
  if (loaded) return [];
  loaded = true;
  return nvidiaLibraries.flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    try {
      // Never closed: the provider finds libraries by name among those loaded in the process.
      Deno.dlopen(path, {});
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  });
}
