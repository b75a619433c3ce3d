/**
 * Tries one device, in a process of its own: ONNX Runtime may end the process where a library or a
 * driver is missing. Prints a line of JSON, {@link Probe}.
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

/** What a device can do. */
export interface Probe {
  readonly name?: string;
  /** Computed on the CPU after all. */
  readonly isSoftware?: boolean;
  /** Bytes that one tensor may have, where that is limited. */
  readonly largestTensorBytes?: number;
  readonly float16: boolean;
}

/** Runs a small product in a type; fails where the device cannot. */
async function tryProduct(device: Device, type: DataType): Promise<void> {
  const graph = new Graph();
  const x = graph.input("x", "float32", [4, 4]);
  const typed = cast(x, type);
  graph.output("y", cast(add(matmul(typed, typed), typed), "float32"));
  const session = await Session.create(encodeModel(graph), { device });
  const data = new Float32Array(16).fill(1);
  const { y } = await session.run({ x: { type: "float32", shape: [4, 4], data } });
  if (y.data[0] !== 5) throw new Error(`A product gave ${y.data[0]}, expected 5`);
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
    throw new Error([...problems, (error as Error).message].join("; "), { cause: error });
  }
}

await serveIsolated(import.meta, (device) => probe(device as Device));
