/** Tests how commands end when the system asks for it, or their output cannot be written. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "@std/path";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { fileNames } from "../../lib/files/paths.ts";
import { copyFileAtomically } from "../../lib/files/copy_file.ts";
import { exportModels } from "../../lib/model/export_models.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { makeTinyPlans } from "../tiny_scans.ts";
import { interruptCli, runCli, runInShell } from "./run_cli.ts";

const cases = 12;
const { root } = await makeTinyPlans({ cases });
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const results = join(root, "nnUNet_results");
const model = join(results, "Dataset001_Tiny", "nnUNetTrainer__nnUNetPlans__3d_fullres");
const foldFolder = (fold: number) => join(model, `fold_${fold}`);
const stateOf = (fold: number) => join(foldFolder(fold), "checkpoint_latest.pth");

function train(fold: number, ...args: string[]): string[] {
  return [
    ...["train", "1", "3d_fullres", `${fold}`, "--iterations", "3", "--val_iterations", "1"],
    ...["--epochs", "1000", "--skip_val", "--root", root, ...args],
  ];
}

/** Hidden files below a folder, which are those that are incomplete. */
function incompleteIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => [
    ...name.startsWith(".nnunet-") ? [join(folder, name)] : [],
    ...isDirectory ? incompleteIn(join(folder, name)) : [],
  ]);
}

const hasStack = /\n\s+at |Uncaught|\.ts:\d+/;

const asked: readonly (readonly Deno.Signal[])[] = [
  ["SIGTERM"],
  ["SIGHUP"],
  ["SIGUSR1"],
  // Schedulers repeat themselves, and `deno task` sends Ctrl-C twice.
  ["SIGTERM", "SIGTERM", "SIGTERM", "SIGHUP", "SIGUSR1"],
  ["SIGINT", "SIGINT"],
];
for (const signals of asked) {
  Deno.test({
    name: `train keeps its state after ${signals.join(", ")}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await Deno.remove(foldFolder(0), { recursive: true }).catch(() => {});
      const { code, err } = await interruptCli(train(0), () => existsSync(stateOf(0)), signals);
      assert.equal(code, 75, err);
      assert.match(err, /^\n?Stopping after the current step.*\n/);
      assert.ok(err.endsWith(`Stopped; the state is in ${foldFolder(0)}; resume with --c\n`), err);
      assert.doesNotMatch(err, hasStack);
      assert.ok((await readCheckpoint(stateOf(0))).currentEpoch >= 1);
      assert.deepEqual(incompleteIn(root), []);
    },
  });
}

Deno.test({
  name: "train goes on if nohup has it ignore SIGHUP",
  ignore: Deno.build.os === "windows",
  async fn() {
    const hangUp = `& for i in $(seq 300); do test -e '${stateOf(1)}' && break; sleep 0.1; done; ` +
      `kill -HUP $!; sleep 0.5; kill -TERM $!; wait $!; exit $?; true`;
    // "trap '' HUP" is what nohup does.
    const shell = new Deno.Command("bash", {
      args: [
        "-c",
        `trap '' HUP; '${Deno.execPath()}' run -A --quiet lib/cli/main.ts ` +
        `${train(1).map((arg) => `'${arg}'`).join(" ")} ${hangUp}`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const { code, stderr } = await shell.output();
    const err = new TextDecoder().decode(stderr);
    assert.equal(code, 75, err);
    assert.match(err, /as SIGTERM asks for/);
    assert.doesNotMatch(err, /SIGHUP/);
  },
});

Deno.test("commands that a signal ends leave nothing incomplete", async () => {
  const output = join(root, "out");
  await Deno.mkdir(output);
  const archive = join(output, "large.zip");
  const folder = join(output, "large", "Dataset001_Tiny", "nnUNetTrainer__nnUNetPlans__3d_fullres");
  await copyFileAtomically(join(model, "plans.json"), join(folder, "plans.json"));
  await copyFileAtomically(join(model, "dataset.json"), join(folder, "dataset.json"));
  await copyFileAtomically(stateOf(0), join(folder, "fold_0", fileNames.checkpointFinal));
  // Packing and unpacking it takes long enough for a signal.
  const noise = new Uint8Array(1 << 26);
  for (let i = 0; i < noise.length; i += 1 << 16) {
    crypto.getRandomValues(noise.subarray(i, i + (1 << 16)));
  }
  await writeFileAtomically(join(folder, "fold_0", fileNames.progress), noise);
  await exportModels(archive, { models: [folder] });
  const commands: readonly (readonly [string[], string])[] = [
    [["install_pretrained_model_from_zip", archive, "--root", output], output],
    [
      [
        ...["export_model_to_zip", "-d", "1", "-c", "3d_fullres", "--root", output],
        ...["-o", join(output, "again.zip")],
      ],
      output,
    ],
    [
      [
        ...["create_dataset", "-d", "9", "-n", "Other", "--images", join(root, "input")],
        ...["--labels", join(root, "ground_truth"), "--root", output],
      ],
      output,
    ],
  ];
  await Deno.rename(join(output, "large"), join(output, "nnUNet_results"));
  for (const [args, folder] of commands) {
    if (args[0].startsWith("install")) args.push("--overwrite");
    const begun = () => incompleteIn(folder).length > 0;
    const { code, out, err } = await interruptCli(args, begun, ["SIGTERM"]);
    assert.equal(code, 75, `${args[0]}: ${out} ${err}`);
    assert.match(err, /^(Stopping.*\n)?Stopped; .*\n$/);
    assert.deepEqual(incompleteIn(folder), [], args[0]);
    assert.doesNotMatch(err, hasStack);
  }
});

Deno.test("a signal leaves nothing of calls that are under way", async () => {
  const folder = await Deno.makeTempDir();
  const module = (path: string) => JSON.stringify(import.meta.resolve(`../../lib/${path}`));
  const code = `
    import { listenForSignals } from ${module("cli/interrupt.ts")};
    import { writeFolderAtomically } from ${module("platform/atomic_folder.ts")};
    listenForSignals();
    setTimeout(() => Deno.kill(Deno.pid, "SIGTERM"), 200);
    await writeFolderAtomically(${JSON.stringify(join(folder, "model"))}, async (partial) => {
      // The folder stays small, so that removing it takes less time than the calls.
      await Promise.all(Array.from({ length: 16 }, async (_, stream) => {
        for (const folder = partial + "/" + stream;;) {
          await Deno.mkdir(folder + "/a/b/c", { recursive: true });
          await Deno.remove(folder, { recursive: true }).catch(() => {});
        }
      }));
    });`;
  const { code: exitCode, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    cwd: new URL("../..", import.meta.url),
    stderr: "piped",
  }).output();
  assert.equal(exitCode, 75, new TextDecoder().decode(stderr));
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a signal before a command has begun ends it with the code of a stop", async () => {
  // Reading this plans file takes no time, so the signal arrives while modules are loaded.
  const begin = performance.now();
  const { code, err } = await interruptCli(
    train(2),
    () => performance.now() - begin > 300,
    ["SIGTERM"],
  );
  // Deno itself takes a moment to start, in which nothing can listen.
  assert.ok(code === 75 || code === 143, `${code} ${err}`);
  assert.doesNotMatch(err, hasStack);
});

for (
  const [redirection, reason] of [
    ["| head -1", "Standard output was closed"],
    [">/dev/full", "Cannot write to standard output: the disk is full"],
  ] as const
) {
  Deno.test(`train ${redirection} keeps its state and says so in one line`, async () => {
    await Deno.remove(foldFolder(3), { recursive: true }).catch(() => {});
    const { code, err } = await runInShell(train(3), redirection);
    assert.equal(code, 1, err);
    assert.equal(err, `${reason}. Stopped; the state is in ${foldFolder(3)}; resume with --c\n`);
    assert.ok((await readCheckpoint(stateOf(3))).currentEpoch >= 0);
    assert.deepEqual(incompleteIn(root), []);
  });

  Deno.test(`devices and --help ${redirection} fail without a stack`, async () => {
    for (const args of [["devices"], ["--help"]]) {
      const { code, err } = await runInShell(args, redirection);
      assert.doesNotMatch(err, hasStack);
      if (redirection === ">/dev/full") {
        assert.equal(code, 1);
        assert.equal(err, `${reason}\n`);
      }
    }
  });
}

Deno.test("closed outputs and a full standard error do not stop a run", async () => {
  for (const redirection of [">&- 2>&-", "2>/dev/full", "2>&-"]) {
    const { code } = await runInShell(
      [...train(4).with(9, "1"), "--disable_checkpointing"],
      redirection,
    );
    assert.equal(code, 0, redirection);
  }
});

Deno.test("exit codes tell errors, wrong usage and completion apart", async () => {
  const codes = {
    0: [["--help"], ["train", "--help"], ["devices"]],
    1: [["train", "9", "2d", "0", "--root", root], [
      "predict",
      "-i",
      "x",
      "-o",
      "y",
      "--model",
      "z",
    ]],
    2: [[], ["fly"], ["train"], ["train", "1", "2d", "0", "--epochs", "x"], [
      "train",
      "1",
      "2d",
      "0",
    ]],
  };
  for (const [code, lines] of Object.entries(codes)) {
    for (const args of lines) {
      const found = await runCli(...args);
      assert.equal(found.code, Number(code), `${args.join(" ")}: ${found.err}`);
    }
  }
  assert.match((await runCli("--help")).out, /Exit codes: 0 done, 1 failed, 2 wrong usage, 75/);
});
