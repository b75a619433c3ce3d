/**
 * Tries one device in a separate process, because ONNX Runtime may crash it if a library or driver
 * is missing. The result is a {@link Probe}.
 */

import type { DataType } from "../array/data_type.ts";
import { encodeModel } from "../graph/encode.ts";
import { Graph } from "../graph/graph.ts";
import { add, cast, matmul } from "../graph/operators.ts";
import { loadCudaLibraries } from "../platform/cuda_libraries.ts";
import { serveIsolated } from "../platform/isolated_call.ts";
import { webGpu } from "../platform/web_gpu.ts";
import type { Device } from "./device.ts";
import { Session } from "./session.ts";
import { reasonOf } from "../options/reason_of.ts";

/** A device's capabilities. */
export interface Probe {
  readonly name?: string;
  /** Whether the device is a software renderer. */
  readonly isSoftware?: boolean;
  /** Largest number of bytes of a tensor, if limited. */
  readonly largestTensorBytes?: number;
  /** Whether the device computes in half precision. */
  readonly float16: boolean;
}

/** Computes a small matrix product in a data type. @throws {Error} If the device cannot. */
async function tryProduct(device: Device, type: DataType): Promise<void> {
  const graph = new Graph();
  const x = graph.input("x", "float32", [4, 4]);
  const typed = cast(x, type);
  graph.output("y", cast(add(matmul(typed, typed), typed), "float32"));
  const session = await Session.create(encodeModel(graph), { device });
  const data = new Float32Array(16).fill(1);
  const { y } = await session.run({ x: { type: "float32", shape: [4, 4], data } });
  if (y.data[0] !== 5) throw new Error(`A test product is ${y.data[0]}, expected 5`);
}

async function describeWebGpu() {
  const adapter = await webGpu()?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return;
  const { info, limits, features } = adapter;
  return {
    name: info.description,
    isSoftware: info.isFallbackAdapter === true ||
      /swiftshader|llvmpipe|software/i.test(info.description),
    largestTensorBytes: limits.maxStorageBufferBindingSize,
    hasFloat16: features.has("shader-f16"),
  };
}

/** Tries a device. @throws {Error} If it cannot compute. */
async function probe(device: Device): Promise<Probe> {
  const problems = device === "cuda" ? loadCudaLibraries() : [];
  try {
    const { hasFloat16, ...described } = device === "webgpu" ? await describeWebGpu() ?? {} : {};
    await tryProduct(device, "float32");
    const float16 = device !== "cpu" && hasFloat16 !== false &&
      await tryProduct(device, "float16").then(() => true, () => false);
    return { ...described, float16 };
  } catch (error) {
    throw new Error([...problems, reasonOf(error)].join("; "), { cause: error });
  }
}

await serveIsolated(import.meta, (device) => probe(device as Device));
