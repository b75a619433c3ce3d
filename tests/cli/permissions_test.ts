import assert from "node:assert/strict";
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { writeTinyScans } from "../tiny_scans.ts";

const tasks: Readonly<Record<string, string>> = config.tasks;

/** Runs `nnunet` with the permissions of a task. */
async function runTask(task: string, ...args: readonly string[]) {
  const [, flags] = tasks[task].match(/ deno run (.*) lib\/cli\/main\.ts$/)!;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--quiet",
      ...flags.split(" "),
      "lib/cli/main.ts",
      ...args,
    ],
    env: { nnUNet_raw: "", nnUNet_preprocessed: "", nnUNet_results: "", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("only tasks of developers run with all permissions", () => {
  const unlimited = Object.entries(tasks).filter(([, command]) =>
    / (-A|--allow-all)\b/.test(command)
  ).map(([name]) => name);
  // These start Python and other programs, which have all permissions anyway.
  assert.deepEqual(
    unlimited.filter((name) =>
      !/^(bench|container|packages|parity|release|test|torture)\b/.test(name)
    ),
    [],
  );
});

Deno.test("the tasks that work with data do not use the network", () => {
  for (const task of ["nnunet", "nnunet:cpu", "tutorial", "docs", "kernel:install"]) {
    assert.match(tasks[task], / --deny-net\b/, task);
    assert.doesNotMatch(tasks[task], /allow-net| -N\b/, task);
  }
  assert.match(tasks["nnunet:cpu"], / --deny-run\b/);
});

Deno.test("data sets, plans, training and prediction on the CPU need neither network nor programs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { images, labels } = await writeTinyScans(folder, { cases: 5 });
    const root = ["--root", join(folder, "root")];
    const out = join(folder, "out");
    for (
      const args of [
        [
          "create_dataset",
          "-d",
          "1",
          "-n",
          "Tiny",
          "--images",
          images,
          "--labels",
          labels,
          ...root,
        ],
        ["plan_and_preprocess", "-d", "1", "-c", "2d", ...root],
        [
          "train",
          "1",
          "2d",
          "0",
          "--epochs",
          "1",
          "--iterations",
          "1",
          "--val_iterations",
          "1",
          ...root,
        ],
        ["predict", "-i", images, "-o", out, "-d", "1", "-c", "2d", "-f", "0", ...root],
        ["evaluate_simple", labels, out, "-l", "1", "2"],
      ]
    ) {
      const { code, out, err } = await runTask("nnunet:cpu", ...args);
      assert.equal(code, 0, `${args[0]}: ${out}${err}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("commands name the permission that they lack", async () => {
  const { out } = await runTask("nnunet:cpu", "devices");
  assert.match(out, /^webgpu {2}unavailable: .*does not permit\n +run with --allow-run/m);
  assert.match(out, /^cpu {5}\d+ processors/m);
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return;
  const { code, err } = await runTask("nnunet:cpu", "install_cuda");
  assert.equal(code, 1);
  assert.match(err, /^Cannot install CUDA: starting python3 needs --allow-run$/m);
});
