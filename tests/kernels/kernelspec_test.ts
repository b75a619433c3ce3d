import assert from "node:assert/strict";
import { join } from "@std/path";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import {
  installKernelspec,
  prefixDataFolder,
  uninstallKernelspec,
  userDataFolder,
} from "../../kernels/kernelspec.ts";

Deno.test("userDataFolder() returns the user folder that Jupyter searches", () => {
  const home = { HOME: "/home/me", APPDATA: "C:/Users/me/AppData" };
  assert.equal(userDataFolder(home, "linux"), "/home/me/.local/share/jupyter");
  assert.equal(userDataFolder({ ...home, XDG_DATA_HOME: "/x" }, "linux"), "/x/jupyter");
  assert.equal(userDataFolder(home, "darwin"), "/home/me/Library/Jupyter");
  assert.equal(userDataFolder(home, "windows"), "C:/Users/me/AppData/jupyter");
  assert.equal(userDataFolder({ ...home, JUPYTER_DATA_DIR: "/d" }, "darwin"), "/d");
});

Deno.test("prefixDataFolder() returns the folder that a virtual environment's Jupyter searches", () => {
  assert.equal(prefixDataFolder("/venv"), "/venv/share/jupyter");
});

Deno.test("installKernelspec() writes a kernelspec that uninstallKernelspec() removes", async () => {
  const data = await Deno.makeTempDir();
  try {
    await installKernelspec(data, { nnUNet_raw: "/old" });
    const folder = await installKernelspec(data, { nnUNet_raw: "/raw" });
    const { argv, env, display_name } = JSON.parse(
      await Deno.readTextFile(join(folder, "kernel.json")),
    );
    assert.equal(display_name, "Deno (nnU-Net)");
    assert.deepEqual(env, { nnUNet_raw: "/raw" });
    assert.equal(argv[0], Deno.execPath());
    assert.equal(argv.at(-1), "{connection_file}");
    for (const size of [32, 64]) {
      const logo = await Deno.readFile(join(folder, `logo-${size}x${size}.png`));
      const { width, height } = PNG.sync.read(Buffer.from(logo));
      assert.deepEqual([width, height], [size, size]);
    }
    assert.equal(await uninstallKernelspec(data), folder);
    assert.equal(await uninstallKernelspec(data), undefined);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});
