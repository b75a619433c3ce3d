import assert from "node:assert/strict";
import { join } from "@std/path";
import { killAt } from "../platform/kill_at.ts";
import { writeTinyScans } from "../tiny_scans.ts";
import { runCli } from "./run_cli.ts";

Deno.test("a command removes what a killed one left in the same folder, and says so", async () => {
  const root = await Deno.makeTempDir();
  try {
    const { images, labels } = await writeTinyScans(root, { cases: 2 });
    const raw = join(root, "nnUNet_raw");
    const module = import.meta.resolve("../../lib/platform/atomic_folder.ts");
    const killed = `
      import { writeFolderAtomically } from ${JSON.stringify(module)};
      await writeFolderAtomically(${
      JSON.stringify(join(raw, "Dataset003_Other"))
    }, async (partial) => {
        await Deno.writeFile(partial + "/scan", new Uint8Array(207e6));
        Deno.kill(Deno.pid, "SIGKILL");
      });
    `;
    assert.ok(await killAt(killed, Infinity));
    assert.equal([...Deno.readDirSync(raw)].length, 1);

    const create = [
      ...["create_dataset", "-d", "4", "-n", "Tiny", "--images", images, "--labels", labels],
      ...["--root", root],
    ];
    const { code, err } = await runCli(...create);
    assert.equal(code, 0, err);
    assert.equal(
      err,
      `Removed a partial file or folder that stopped runs left in ${raw}: 207 MB\n`,
    );
    assert.deepEqual([...Deno.readDirSync(raw)].map(({ name }) => name), ["Dataset004_Tiny"]);
    assert.equal((await runCli(...create, "--overwrite")).err, "");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
