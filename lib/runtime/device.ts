/**
 * Describes the devices that ONNX Runtime computes on, and how its providers differ.
 *
 * `lib/lowering` decides how each provider computes an operator.
 */

/** A device that ONNX Runtime computes on. */
export type Device = "cpu" | "cuda" | "webgpu";

/** A device, or "auto" for the fastest available one. */
export type DeviceChoice = Device | "auto";

/** All devices, the fastest first. */
export const devices: readonly Device[] = ["cuda", "webgpu", "cpu"];

/** All values of {@link DeviceChoice}. */
export const deviceChoices: readonly DeviceChoice[] = ["auto", ...devices.toReversed()];

/**
 * Parses a device's name.
 *
 * @throws {RangeError} If there is no device of this name.
 */
export function parseDevice(text: string): DeviceChoice {
  // PyTorch's name for Apple's GPUs, on which WebGPU computes.
  if (text === "mps") return "webgpu";
  const found = deviceChoices.find((device) => device === text);
  if (found) return found;
  throw new RangeError(
    `Cannot compute on "${text}": no such device, expected ${deviceChoices.join(", ")}`,
  );
}

/** Whether a run's results can stay in the device's memory until another run reads them. */
export function keepsResults(device: Device): boolean {
  // onnxruntime-node can hold buffers of WebGPU, but not of CUDA.
  return device === "webgpu";
}

/**
 * Returns the row length, in elements, to which parts of a long concatenated vector should be
 * aligned.
 *
 * CUDA's Concat kernel builds a table in every run that maps each index along the axis to its part.
 * For rows the table is short; for single elements, building it took longer than the rest of a
 * training step.
 */
export function vectorRow(device: Device): number {
  return device === "cuda" ? 256 : 1;
}

/**
 * Returns the number of training steps per run: if the state cannot stay on the device between runs,
 * several steps share one.
 */
export function stepsOfRun(device: Device): number {
  return device === "cpu" || keepsResults(device) ? 1 : 10;
}

/** The part of ONNX Runtime's session options that differs between devices. */
export interface ProviderOptions {
  readonly executionProviders: readonly (string | { readonly name: string })[];
  /** Location of each output that stays on the device. */
  readonly preferredOutputLocation?: Readonly<Record<string, "gpu-buffer">>;
}

/** Execution providers, as ONNX Runtime's session options name them. */
const providers: Readonly<Record<Exclude<Device, "cpu">, string | { readonly name: string }>> = {
  cuda: "cuda",
  // With its default, channels last, it transposes before and after every convolution.
  webgpu: { name: "webgpu", preferredLayout: "NCHW" } as { readonly name: string },
};

/**
 * Returns the session options for a device.
 *
 * @param resident Outputs that stay in the device's memory; ignored unless {@link keepsResults}.
 */
export function providerOptions(device: Device, resident: readonly string[] = []): ProviderOptions {
  // The CPU provider comes last and computes the operators that the other one has no kernel for.
  const executionProviders = device === "cpu" ? ["cpu"] : [providers[device], "cpu"];
  if (resident.length === 0 || !keepsResults(device)) return { executionProviders };
  return {
    executionProviders,
    preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, "gpu-buffer"])),
  };
}
