/**
 * What computes: all that ONNX Runtime's providers want to be told differently.
 *
 * How each computes an operator is in `lib/lowering`.
 */

/** Where ONNX Runtime computes. */
export type Device = "cpu" | "cuda" | "webgpu";

/** A device, or the fastest one there is. */
export type DeviceChoice = Device | "auto";

/** All devices, the fastest first. */
export const devices: readonly Device[] = ["cuda", "webgpu", "cpu"];

/** Words that name a device or leave the choice open. */
export const deviceChoices: readonly DeviceChoice[] = ["auto", ...devices.toReversed()];

/**
 * Reads a device's name.
 *
 * @throws {RangeError} If there is no such device.
 */
export function parseDevice(text: string): DeviceChoice {
  const found = deviceChoices.find((device) => device === text);
  if (found) return found;
  throw new RangeError(
    `Cannot compute on "${text}": no such device, expected ${deviceChoices.join(", ")}`,
  );
}

/** Whether a run's results can stay in the device's memory until another run reads them. */
export function keepsResults(device: Device): boolean {
  // onnxruntime-node can hold buffers of WebGPU, not of CUDA.
  return device === "webgpu";
}

/**
 * Elements of a row at whose beginning parts of a long vector should begin.
 *
 * CUDA's kernel that puts vectors together is told by a table, made anew at every run, which part
 * each place along the axis belongs to. Of rows it is short; of single elements it took longer than
 * the rest of a training step.
 */
export function vectorRow(device: Device): number {
  return device === "cuda" ? 256 : 1;
}

/**
 * Training steps that go into one run: where the state cannot stay on the device between runs, it
 * stays there within them.
 */
export function stepsOfRun(device: Device): number {
  return device === "cpu" || keepsResults(device) ? 1 : 10;
}

/** The part of ONNX Runtime's session options that differs between devices. */
export interface ProviderOptions {
  readonly executionProviders: readonly (string | { readonly name: string })[];
  /** By output, where it is to stay. */
  readonly preferredOutputLocation?: Readonly<Record<string, "gpu-buffer">>;
}

/** Providers as ONNX Runtime wants them named. */
const providers: Readonly<Record<Exclude<Device, "cpu">, string | { readonly name: string }>> = {
  cuda: "cuda",
  // Channels last, its default, it would transpose before and after every convolution.
  webgpu: { name: "webgpu", preferredLayout: "NCHW" } as { readonly name: string },
};

/**
 * How a session is told to compute on a device.
 *
 * @param resident Outputs that stay in the device's memory; only where {@link keepsResults}.
 */
export function providerOptions(device: Device, resident: readonly string[] = []): ProviderOptions {
  // The CPU, last, computes what another provider has no kernel for.
  const executionProviders = device === "cpu" ? ["cpu"] : [providers[device], "cpu"];
  if (resident.length === 0 || !keepsResults(device)) return { executionProviders };
  return {
    executionProviders,
    preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, "gpu-buffer"])),
  };
}
