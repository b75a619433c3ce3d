import assert from "node:assert/strict";
import { join } from "@std/path";
import { formatDevice } from "../../lib/cli/commands/devices.ts";
import {
  missingProviderLibraries,
  nvidiaLibraries,
  providerLibraries,
} from "../../lib/platform/cuda_libraries.ts";
import { parseDevice } from "../../lib/runtime/device.ts";
import { chooseDevice, findDevice, findDevices, isMixed } from "../../lib/runtime/find_devices.ts";
import { cudaWheels, installCuda } from "../../lib/platform/install_cuda.ts";
import { writeStoredZip } from "../../lib/interop/stored_zip.ts";
import { runCli } from "../cli/run_cli.ts";

Deno.test("findDevices() reports every device, and the CPU as available", async () => {
  const reports = await findDevices();
  assert.deepEqual(reports.map(({ device }) => device), ["cuda", "webgpu", "cpu"]);
  const cpu = reports.at(-1)!;
  assert.ok(cpu.isPresent && cpu.memoryBytes! > 0);
  assert.equal(await findDevice("cpu"), cpu, "the result is cached");
  for (const { isPresent, problem } of reports) assert.equal(isPresent, problem === undefined);
});

Deno.test("chooseDevice() chooses the first device that is hardware", async () => {
  const reports = await findDevices();
  const expected = reports.find(({ device, isPresent, isSoftware }) =>
    isPresent && (device !== "webgpu" || isSoftware === false)
  )!;
  assert.equal(await chooseDevice("auto"), expected.device);
  assert.equal(await chooseDevice("cpu"), "cpu");
});

Deno.test("chooseDevice() says what is missing and how to install it", async () => {
  for (const { device, isPresent } of await findDevices()) {
    if (isPresent) assert.equal(await chooseDevice(device), device);
    else {
      await assert.rejects(
        chooseDevice(device),
        ({ message }: Error) => message.startsWith(`Cannot compute on ${device}: `),
      );
    }
  }
});

Deno.test("chooseDevice() lists the devices there are", async () => {
  await assert.rejects(chooseDevice("gpu" as "cpu"), {
    name: "RangeError",
    message: /^Cannot compute: device is "gpu", expected one of auto, cpu, webgpu, cuda/,
  });
});

Deno.test("isMixed() rejects half precision on devices without it", async () => {
  assert.equal(await isMixed("cpu", "auto"), false);
  assert.equal(await isMixed("cpu", "float32"), false);
  await assert.rejects(isMixed("cpu", "mixed"), /^Error: Cannot compute in half precision: cpu/);
});

Deno.test("parseDevice() accepts the devices' names", () => {
  assert.equal(parseDevice("webgpu"), "webgpu");
  assert.throws(() => parseDevice("gpu"), {
    name: "RangeError",
    message: 'Cannot compute on "gpu": no such device, expected auto, cpu, webgpu, cuda',
  });
});

Deno.test("missingProviderLibraries() lists the libraries that a folder lacks", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.deepEqual(missingProviderLibraries(folder), providerLibraries);
    for (const name of providerLibraries) await Deno.writeTextFile(`${folder}/${name}`, "");
    assert.deepEqual(missingProviderLibraries(folder), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "installCuda() leaves nothing behind when it cannot",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await assert.rejects(installCuda({ folder, python: "no-such-python" }), {
        message: "Cannot install CUDA: found no no-such-python, expected a Python with pip",
      });
      await assert.rejects(installCuda({ folder, wheels: folder }), /pip exited with 1/);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "installCuda() refuses wheels with other checksums, even if they have all libraries",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  async fn() {
    const folder = await Deno.makeTempDir();
    const wheels = await Deno.makeTempDir();
    try {
      for (const { requirement } of cudaWheels) {
        const [name, version] = requirement.replaceAll("-", "_").split("==");
        const tag = name === "onnxruntime_gpu" ? "cp312-cp312" : "py3-none";
        await Deno.writeFile(
          join(wheels, `${name}-${version}-${tag}-manylinux_2_17_x86_64.whl`),
          fakeWheel(name, version, tag),
        );
      }
      await assert.rejects(
        installCuda({ folder, wheels }),
        /^Error: Cannot install CUDA: pip exited with 1: [^]*DO NOT MATCH THE HASHES/,
      );
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
      await Deno.remove(wheels, { recursive: true });
    }
  },
});

/** Returns a wheel that pip installs, with all libraries in ONNX Runtime's package. */
function fakeWheel(name: string, version: string, tag: string): Uint8Array {
  const content = (text: string) => new TextEncoder().encode(text);
  const folder = `${name}-${version}.dist-info`;
  const libraries = name === "onnxruntime_gpu" ? [...providerLibraries, ...nvidiaLibraries] : [];
  return writeStoredZip([
    ...libraries.map((library) => ({ name: `${name}/${library}`, content: content("evil") })),
    {
      name: `${folder}/METADATA`,
      content: content(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`),
    },
    {
      name: `${folder}/WHEEL`,
      content: content(
        `Wheel-Version: 1.0\nGenerator: a\nRoot-Is-Purelib: false\n` +
          `Tag: ${tag}-manylinux_2_17_x86_64\n`,
      ),
    },
    { name: `${folder}/RECORD`, content: content("") },
  ]);
}

Deno.test("formatDevice() describes a device in one line, and what is missing in two", () => {
  assert.equal(
    formatDevice({
      device: "cuda",
      isPresent: true,
      name: "NVIDIA H100",
      memoryBytes: 80e9,
      freeMemoryBytes: 79e9,
      float16: true,
    }),
    "cuda    NVIDIA H100, 80.0 GB (79.0 GB free), float16",
  );
  assert.equal(
    formatDevice({ device: "webgpu", isPresent: false, problem: "no adapter", remedy: "get one" }),
    "webgpu  unavailable: no adapter\n        get one",
  );
});

Deno.test("nnunet devices lists the devices", async () => {
  const { code, out } = await runCli("devices");
  assert.equal(code, 0);
  assert.match(out, /^cuda .*\n(.*\n)*webgpu .*\n(.*\n)*cpu +\d+ processors, [\d.]+ [GT]B/);
});
