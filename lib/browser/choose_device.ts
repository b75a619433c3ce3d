/** Chooses where a page's networks run: on the processor, or with WebGPU where that is faster. */

import { reasonOf } from "../options/reason_of.ts";
import { type AdapterInfo, type WebGpu, webGpu } from "../platform/web_gpu.ts";
import { workerAddress } from "../platform/workers.ts";
import { Remote } from "../runtime/remote.ts";
import type { CheckedNetwork, DeviceApi, DeviceComparison } from "./device_worker.ts";
import type { PageDevice } from "./segmenter.ts";

/** Longest time that the check may take; drivers may hang, and renderers in software are slow. */
const LIMIT_MS = { hardware: 30_000, software: 300_000 } as const;

/** What a choice depends on besides the network, for tests. */
export interface DeviceChoice {
  /** The browser's WebGPU, if it has it. */
  readonly gpu?: WebGpu;
  /** Whether a renderer in software is tried, too; false by default, since none is faster. */
  readonly acceptsSoftware?: boolean;
  /** Runs the tile on both. */
  readonly compare?: (network: CheckedNetwork, limit: number) => Promise<DeviceComparison>;
}

/**
 * Chooses the device by running a tile on both.
 *
 * @param network The network of the check.
 * @param loadRuntime Makes ONNX Runtime with WebGPU available to workers.
 * @param options What the choice depends on.
 */
export async function chooseDevice(
  network: CheckedNetwork,
  loadRuntime: () => Promise<void>,
  { gpu = webGpu(), acceptsSoftware = false, compare = compareInWorker }: DeviceChoice = {},
): Promise<PageDevice> {
  const onProcessor = (why: string): PageDevice => ({
    device: "cpu",
    why: `Networks run on the processor: ${why}.`,
  });
  if (!gpu) return onProcessor("this browser has no WebGPU");
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return onProcessor("WebGPU finds no graphics processor");
    if (isSoftware(adapter.info) && !acceptsSoftware) {
      return onProcessor("WebGPU has a renderer in software only");
    }
    await loadRuntime();
    const limit = acceptsSoftware ? LIMIT_MS.software : LIMIT_MS.hardware;
    const { processor, graphics, differing, voxels } = await compare(network, limit);
    const { description, vendor = "", architecture = "" } = adapter.info;
    const name = description || `${vendor} ${architecture}`.trim() || "the graphics processor";
    if (differing > 0) {
      return onProcessor(
        `${name} gave other labels at ${differing} of ${voxels} voxels of a check`,
      );
    }
    const [here, there] = [processor, graphics].map((time) => `${Math.round(time)} ms`);
    return graphics < processor
      ? {
        device: "webgpu",
        why: `Networks run on ${name}, with WebGPU: a patch takes ${there}, on the processor ` +
          `${here}, with the same labels.`,
      }
      : onProcessor(`a patch takes ${here}, on ${name} ${there}, with the same labels`);
  } catch (error) {
    return onProcessor(`WebGPU failed in a check (${reasonOf(error)})`);
  }
}

function isSoftware({ description, architecture, isFallbackAdapter }: AdapterInfo): boolean {
  return isFallbackAdapter === true ||
    /swiftshader|llvmpipe|software/i.test(`${description} ${architecture}`);
}

/** Compares in a worker, which ends afterwards, whatever state the driver is in. */
async function compareInWorker(
  network: CheckedNetwork,
  limit: number,
): Promise<DeviceComparison> {
  const worker = await Remote.connect<DeviceApi>(
    workerAddress("./device_worker.ts", import.meta),
  );
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`it did not answer in ${limit / 1000} s`)),
    limit,
  );
  try {
    return await Promise.race([worker.call("compare", [network]), late]);
  } finally {
    clearTimeout(timer);
    worker.close();
  }
}
