/**
 * NVIDIA's libraries for ONNX Runtime's CUDA provider.
 *
 * npm's onnxruntime-node comes without them. They are looked for beside its own library, where
 * `nnunet install_cuda` puts them, and loaded from there before the provider asks for them, so that
 * nothing depends on the system's search path. What is not there is left to the system to find.
 */

import { dirname, join } from "./paths.ts";
import { existsSync } from "./files.ts";
import { packageFile } from "./package_file.ts";

/** ONNX Runtime's own part, without which it knows nothing of CUDA. */
export const providerLibraries: readonly string[] = [
  "libonnxruntime_providers_shared.so",
  "libonnxruntime_providers_cuda.so",
];

/** NVIDIA's part, each after those that it needs. */
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

/** Folder of onnxruntime-node's libraries for this system, where providers are looked for. */
export function runtimeFolder(): string {
  const main = packageFile("onnxruntime-node");
  const os = Deno.build.os === "windows" ? "win32" : Deno.build.os;
  const arch = Deno.build.arch === "x86_64" ? "x64" : "arm64";
  return join(dirname(main), "..", "bin", "napi-v6", os, arch);
}

/** The libraries of ONNX Runtime's own part that are not there. */
export function missingProviderLibraries(folder: string = runtimeFolder()): string[] {
  return providerLibraries.filter((name) => !existsSync(join(folder, name)));
}

let loaded = false;

/**
 * Loads NVIDIA's libraries that lie beside ONNX Runtime, once a process.
 *
 * @returns Those that lie there but could not be loaded, with the reason.
 */
export function loadCudaLibraries(folder: string = runtimeFolder()): string[] {
  if (loaded) return [];
  loaded = true;
  return nvidiaLibraries.flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    try {
      // Kept open: the provider finds libraries by name among those that the process has.
      Deno.dlopen(path, {});
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}
