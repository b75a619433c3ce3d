import assert from "node:assert/strict";
import { join } from "@std/path";
import { expandHome, expandHomes } from "../../lib/cli/user_paths.ts";

Deno.test("expandHome() replaces ~ alone or before a slash", () => {
  for (
    const [path, expected] of [
      ["~", "/home/ada"],
      ["~/scans", "/home/ada/scans"],
      ["~bob/scans", "~bob/scans"],
      ["a/~/b", "a/~/b"],
      ["~.nii.gz", "~.nii.gz"],
    ]
  ) assert.equal(expandHome(path, "/home/ada"), expected);
});

Deno.test("expandHomes() also replaces ~ in values after an equals sign", () => {
  assert.deepEqual(
    expandHomes(["predict", "-i", "~/in", "--root=~/data", "-o", "a=~/b"], "/h"),
    ["predict", "-i", "/h/in", "--root=/h/data", "-o", "a=~/b"],
  );
});

Deno.test("relative paths are relative to where deno task was called, and ~ works in variables", async () => {
  const folder = await Deno.makeTempDir();
  const project = new URL("../..", import.meta.url).pathname;
  const run = async (env: Record<string, string>, ...args: string[]) => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "lib/cli/main.ts", ...args],
      cwd: project,
      env: { NO_COLOR: "1", ...env },
      stderr: "piped",
      stdout: "null",
    }).output();
    return new TextDecoder().decode(stderr).trim();
  };
  try {
    await Deno.mkdir(join(folder, "mine"));
    assert.match(
      await run({ INIT_CWD: folder }, "convert_MSD_dataset", "-i", "mine", "--root", "root"),
      new RegExp(`${join(folder, "mine")}: expected a folder named like`),
    );
    const variables = { nnUNet_raw: "~/r", nnUNet_preprocessed: "~/p", nnUNet_results: "~/s" };
    assert.equal(
      await run({ HOME: folder, ...variables }, "plan_and_preprocess", "-d", "1"),
      `Cannot open data set 1: ${join(folder, "r")} does not exist`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
