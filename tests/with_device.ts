/** Defines tests that need a GPU. */

import { findDevice } from "../lib/runtime/find_devices.ts";

/** Execution providers that some machines lack. */
export const gpuDevices = ["cuda", "webgpu"] as const;

/** Defines a test that runs on a device; if the machine lacks it, the test's name says so. */
export async function testOnDevice(
  device: typeof gpuDevices[number],
  name: string,
  fn: (test: Deno.TestContext) => Promise<void>,
): Promise<void> {
  const { isPresent } = await findDevice(device);
  Deno.test({
    name: isPresent ? name : `${name} (skipped: found no device for ${device})`,
    ignore: !isPresent,
    fn,
  });
}
