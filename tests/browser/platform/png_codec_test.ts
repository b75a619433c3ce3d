import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("pictures are packed and unpacked as on this platform", async () => {
  // The package's build for browsers sets `__proto__`, which Deno allows only on request.
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--quiet", "--allow-read", "--allow-env", "--unsafe-proto"],
      fileURLToPath(new URL("./png_codec_check.ts", import.meta.url)),
    ],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});
