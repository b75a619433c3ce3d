import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gpuDevices, testOnDevice } from "../with_device.ts";
import type { Agreement } from "./provider_contract.ts";

for (const device of gpuDevices) {
  const name = `${device} computes operators, gradients and steps as the CPU does`;
  await testOnDevice(device, name, async (test) => {
    const script = fileURLToPath(import.meta.resolve("./provider_contract.ts"));
    // In a separate process, since a failing provider may crash it.
    const { stdout, stderr, code, signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", script, device],
      // Without this, CUDA rounds products' inputs to 10 bits, which would hide errors.
      env: { NVIDIA_TF32_OVERRIDE: "0" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    const results = lines.filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Agreement);
    for (const { name, error, tolerance } of results) {
      await test.step(name, () => {
        assert.ok(error <= tolerance, `found a difference of ${error}, expected ${tolerance}`);
      });
    }
    assert.ok(
      code === 0,
      `"${lines.at(-1)}" ended the process (${signal ?? code}): ` +
        new TextDecoder().decode(stderr).trim().split("\n").slice(0, 4).join("\n"),
    );
  });
}
