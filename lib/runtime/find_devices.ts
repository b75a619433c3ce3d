/**
 * Which devices there are.
 *
 * Each is tried in a process of its own, which may end as it likes: asking ONNX Runtime for CUDA
 * without its libraries can abort the process that asks.
 */

import { callIsolated } from "../platform/isolated_call.ts";
import { machine } from "../platform/machine.ts";
import { workerAddress } from "../platform/workers.ts";
import { missingProviderLibraries } from "../platform/cuda_libraries.ts";
import { type Device, type DeviceChoice, devices } from "./device.ts";
import { type DeviceMemory, deviceMemory } from "../memory/device_memory.ts";
import type { DeviceLimits } from "../memory/device_limits.ts";
import type { Probe } from "./probe_device.ts";

/** What is known of a device. */
export interface DeviceReport extends Partial<Probe>, Partial<DeviceMemory> {
  readonly device: Device;
  readonly isPresent: boolean;
  /** Why it cannot be used. */
  readonly problem?: string;
  /** What to do about that, if something can be done. */
  readonly remedy?: string;
}

/** Longest time to wait for a device, which loads drivers and compiles kernels. */
const PATIENCE_MS = 60_000;

const found = new Map<Device, Promise<DeviceReport>>();

/** All devices, the fastest first. The answer is remembered for the life of the process. */
export function findDevices(): Promise<DeviceReport[]> {
  return Promise.all(devices.map(findDevice));
}

/** One device. The answer is remembered for the life of the process. */
export function findDevice(device: Device): Promise<DeviceReport> {
  const report = found.get(device) ?? examine(device);
  found.set(device, report);
  return report;
}

/**
 * The device to compute on: for "auto" the fastest that is real hardware, otherwise the one asked
 * for.
 *
 * @throws {Error} If it is not there; the message says what is missing and what adds it.
 */
export async function chooseDevice(choice: DeviceChoice): Promise<Device> {
  if (choice === "cpu") return choice; // Needs no look.
  if (choice === "auto") {
    const reports = await findDevices();
    return reports.find((report) => report.isPresent && isHardware(report))!.device;
  }
  const { isPresent, problem, remedy } = await findDevice(choice);
  if (isPresent) return choice;
  throw new Error(`Cannot compute on ${choice}: ${problem}${remedy ? `; ${remedy}` : ""}`);
}

/** What a GPU holds, where that is known; undefined for the CPU, whose memory is this machine's. */
export async function limitsOf(device: Device): Promise<DeviceLimits | undefined> {
  if (device === "cpu") return undefined;
  const { memoryBytes, largestTensorBytes } = await findDevice(device);
  return { memoryBytes, largestTensorBytes };
}

/** WebGPU may be a software renderer, slower than the CPU; one that does not say is taken for that. */
function isHardware({ device, isSoftware }: DeviceReport): boolean {
  return device !== "webgpu" || isSoftware === false;
}

/**
 * Whether to compute in half precision where that helps.
 *
 * By itself only on CUDA: WebGPU sums in half precision, too, and what that does to a training has
 * not been measured.
 *
 * @throws {Error} If it is asked for and the device cannot.
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
  const unavailable = unsupported(device);
  if (unavailable) return { device, isPresent: false, ...unavailable };
  const probe = await tryDevice(device);
  if ("problem" in probe) {
    return { device, isPresent: false, problem: probe.problem, remedy: remedies[device] };
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

/** Why a device cannot be there, before anything is tried. */
function unsupported(device: Device): { problem: string; remedy?: string } | undefined {
  const { os, arch } = machine;
  if (device !== "cuda") return;
  if (os !== "linux" || arch !== "x86_64") {
    return { problem: `onnxruntime-node has CUDA for linux on x86_64 only, this is ${os} ${arch}` };
  }
  const missing = missingProviderLibraries();
  if (missing.length > 0) {
    return { problem: `onnxruntime-node lacks ${missing.join(", ")}`, remedy: remedies.cuda };
  }
}

/** Runs the probe. Whatever happens to its process is an answer. */
async function tryDevice(device: Device): Promise<Probe | { readonly problem: string }> {
  const module = workerAddress("./probe_device.ts", import.meta);
  const result = await callIsolated<Probe>(module, device, PATIENCE_MS);
  if ("value" in result) return result.value;
  const { errors, signal, code } = result;
  // ONNX Runtime begins with the place in its source.
  const problem = errors.split("\n").filter((line) => line.trim() !== "").at(-1)
    ?.replace(/^.*(CUDA failure \d+: [^;]+?) ?;.*$/, "$1")
    .replace(/^\/onnxruntime_src\/.* was false\. /, "");
  if (signal === "SIGTERM") return { problem: `it did not answer in ${PATIENCE_MS / 1000} s` };
  return {
    problem: signal
      ? `ONNX Runtime ended with ${signal}`
      : problem ?? `its trial ended with ${code}`,
  };
}

function definedOnly<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
