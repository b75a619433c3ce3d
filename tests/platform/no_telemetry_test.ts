import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
const runtime = new URL("../../lib/platform/onnx_runtime.ts", import.meta.url).href;

Deno.test("ONNX Runtime keeps no identifier and no log of its use", async () => {
  const home = await Deno.makeTempDir();
  try {
    const code = `import { onnxRuntime } from ${JSON.stringify(runtime)};
      const options = { executionProviders: ["cpu"], intraOpNumThreads: 1, mergeEqual: true };
      await onnxRuntime.createSession(new Uint8Array(4), options).catch(() => console.log("loaded"));`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--no-check",
        "--config",
        config,
        `data:text/javascript,${code}`,
      ],
      env: { TMPDIR: home, HOME: home, XDG_CACHE_HOME: home },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "loaded\n", new TextDecoder().decode(stderr));
    const left = Array.from(Deno.readDirSync(home), ({ name }) => name);
    assert.deepEqual(left.filter((name) => name !== "deno"), []); // Deno's own cache.
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
