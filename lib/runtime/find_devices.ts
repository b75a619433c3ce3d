/**
 * Finds the available devices.
 *
 * Each device is tried in a separate process, because requesting CUDA from ONNX Runtime can abort
 * the process if libraries are missing.
 */

import { callIsolated } from "../platform/isolated_call.ts";
import { machine } from "../platform/machine.ts";
import { workerAddress } from "../platform/workers.ts";
import { missingProviderLibraries } from "../platform/cuda_libraries.ts";
import { type Device, type DeviceChoice, deviceChoices, devices } from "./device.ts";
import { requireOneOf } from "../options/require_value.ts";
import { deviceMemory } from "../memory/device_memory.ts";
import type { DeviceLimits } from "../memory/device_limits.ts";
import type { Probe } from "./probe_device.ts";

/** The result of trying a device. */
export interface DeviceReport {
  /** The device that was tried. */
  readonly device: Device;
  /** Whether the device can be used. */
  readonly isPresent: boolean;
  /** Why the device cannot be used. */
  readonly problem?: string;
  /** How to make it usable, if that is possible. */
  readonly remedy?: string;
  /** The driver's name for the device. */
  readonly name?: string;
  /** Whether the device is a software renderer. */
  readonly isSoftware?: boolean;
  /** Largest number of bytes of a tensor, if limited. */
  readonly largestTensorBytes?: number;
  /** Whether the device computes in half precision. */
  readonly float16?: boolean;
  /** Total memory in bytes: the device's, or this machine's for the CPU. */
  readonly memoryBytes?: number;
  /** Memory in bytes that programs can still allocate. */
  readonly freeMemoryBytes?: number;
}

/** Time limit for trying a device, which includes loading drivers and compiling kernels. */
const TIMEOUT_MS = 60_000;

const reports = new Map<Device, Promise<DeviceReport>>();

/**
 * Tries all devices and reports on them. Results are cached by the process.
 *
 * @returns One report per device, the fastest first, the CPU last.
 *
 * @example The CPU is always available
 * ```ts
 * import assert from "node:assert/strict";
 * import { findDevices } from "nnunet";
 *
 * const reports = await findDevices();
 * const { device, isPresent } = reports.at(-1)!;
 * assert.deepEqual([device, isPresent], ["cpu", true]);
 * ```
 */
export function findDevices(): Promise<DeviceReport[]> {
  return Promise.all(devices.map(findDevice));
}

/** Tries one device and reports on it. The result is cached by the process. */
export function findDevice(device: Device): Promise<DeviceReport> {
  const report = reports.get(device) ?? examine(device);
  reports.set(device, report);
  return report;
}

/**
 * Returns the device to compute on: for "auto" the fastest one that is hardware, otherwise the given
 * one.
 *
 * @throws {RangeError} If there is no device of this name.
 * @throws {Error} If the device is not available; the message says what is missing and how to
 * install it.
 */
export async function chooseDevice(choice: DeviceChoice): Promise<Device> {
  requireOneOf(choice, deviceChoices, "compute", "device");
  if (choice === "cpu") return choice; // Always available.
  if (choice === "auto") {
    const all = await findDevices();
    return all.find((report) => report.isPresent && isHardware(report))!.device;
  }
  const { isPresent, problem, remedy } = await findDevice(choice);
  if (isPresent) return choice;
  throw new Error(`Cannot compute on ${choice}: ${problem}${remedy ? `; ${remedy}` : ""}`);
}

/** Returns a GPU's memory limits; undefined for the CPU, whose memory is this machine's. */
export async function limitsOf(device: Device): Promise<DeviceLimits | undefined> {
  if (device === "cpu") return undefined;
  const { memoryBytes, largestTensorBytes } = await findDevice(device);
  return { memoryBytes, largestTensorBytes };
}

/** Whether a device is hardware. A WebGPU adapter that does not report it counts as software. */
function isHardware({ device, isSoftware }: DeviceReport): boolean {
  return device !== "webgpu" || isSoftware === false;
}

/**
 * Returns whether to compute in mixed precision.
 *
 * "auto" chooses it only on CUDA: WebGPU also sums in half precision, and the effect of that on
 * training has not been measured.
 *
 * @throws {Error} If `precision` is "mixed" and the device has no float16.
 */
export async function isMixed(
  device: Device,
  precision: "auto" | "float32" | "mixed",
): Promise<boolean> {
  if (precision === "float32" || (precision === "auto" && device !== "cuda")) return false;
  const { float16, name } = await findDevice(device);
  if (float16 || precision === "auto") return float16 ?? false;
  throw new Error(
    `Cannot compute in half precision: ${device} (${name ?? "of unknown name"}) has no float16; ` +
      "use float32",
  );
}

async function examine(device: Device): Promise<DeviceReport> {
  // No process is needed to know that the CPU computes, and in what.
  if (device === "cpu") {
    return { device, isPresent: true, ...await deviceMemory(device), float16: false };
  }
  const unavailable = unsupported(device);
  if (unavailable) return { device, isPresent: false, ...unavailable };
  const probe = await tryDevice(device);
  if ("problem" in probe) {
    return { device, isPresent: false, remedy: remedies[device], ...probe };
  }
  return { device, isPresent: true, ...await deviceMemory(device), ...definedOnly(probe) };
}

const remedies: Readonly<Record<Device, string | undefined>> = {
  cpu: undefined,
  cuda: "it needs an NVIDIA GPU with driver 580 or newer and the libraries that " +
    "`deno task nnunet install_cuda` adds",
  webgpu: machine.os === "linux"
    ? "it needs a GPU with a Vulkan driver and the Vulkan loader: `sudo apt-get install " +
      "libvulkan1 mesa-vulkan-drivers`, or NVIDIA's own driver"
    : "it needs a GPU with a current driver",
};

/** Returns why a device cannot be available, without trying it. */
function unsupported(device: Device): { problem: string; remedy?: string } | undefined {
  const { os, arch } = machine;
  if (device !== "cuda") return;
  if (os !== "linux" || arch !== "x86_64") {
    return {
      problem: `onnxruntime-node supports CUDA only on linux x86_64, this is ${os} ${arch}`,
    };
  }
  const missing = missingProviderLibraries();
  if (missing.length > 0) {
    return { problem: `onnxruntime-node lacks ${missing.join(", ")}`, remedy: remedies.cuda };
  }
}

/** Tries a device in a separate process; a crash of that process becomes the problem to report. */
async function tryDevice(
  device: Device,
): Promise<Probe | { readonly problem: string; readonly remedy?: string }> {
  const module = workerAddress("./probe_device.ts", import.meta);
  const result = await callIsolated<Probe>(module, device, TIMEOUT_MS);
  if (result === "not permitted") {
    return {
      problem: "trying it takes a separate process, which Deno does not permit",
      remedy: "run with --allow-run, as `deno task nnunet` does",
    };
  }
  if ("value" in result) return result.value;
  const { errors, signal, code } = result;
  // ONNX Runtime's messages begin with the position in its source.
  const problem = errors.split("\n").filter((line) => line.trim() !== "").at(-1)
    ?.replace(/^.*(CUDA failure \d+: [^;]+?) ?;.*$/, "$1")
    .replace(/^\/onnxruntime_src\/.* was false\. /, "");
  if (signal === "SIGTERM") return { problem: `it did not respond in ${TIMEOUT_MS / 1000} s` };
  return {
    problem: signal
      ? `ONNX Runtime was terminated by ${signal}`
      : problem ?? `trying it failed with exit code ${code}`,
  };
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
