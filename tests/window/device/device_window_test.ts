import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DeviceWindow } from "../../../lib/window/device/device_window.ts";
import { openHostWindow } from "../../../lib/window/device/host_window.ts";
import { gpuDevices, testOnDevice } from "../../with_device.ts";
import { checkWindow } from "../window_contract.ts";

// One patch at a time; some views of a tile; several tiles, the last of which do not fill a pass.
for (const patchesPerPass of [1, 2, 32]) {
  Deno.test(`DeviceWindow meets the contract with ${patchesPerPass} patches per pass`, (test) =>
    checkWindow(
      (name, run) => test.step(name, run),
      (models, options) =>
        DeviceWindow.open(models, { ...options, device: "cpu", threads: 1, patchesPerPass }),
    ));
}

Deno.test("openHostWindow() meets the contract", (test) =>
  checkWindow(
    (name, run) => test.step(name, run),
    (models, options) => openHostWindow(models, { ...options, device: "cpu", threads: 1 }),
  ));

for (const device of gpuDevices) {
  await testOnDevice(device, `DeviceWindow meets the contract on ${device}`, async () => {
    const script = fileURLToPath(import.meta.resolve("./check_device_window.ts"));
    // In a separate process, since a failing provider may crash it.
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", script, device],
      env: { NVIDIA_TF32_OVERRIDE: "0" }, // Without this, CUDA rounds products' inputs to 10 bits.
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
}
