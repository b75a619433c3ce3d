/** Completes words in real shells, those that are installed. */

import assert from "node:assert/strict";
import { join } from "@std/path";
import { shells, typedCommands } from "../../lib/cli/completions/typed_words.ts";
import { createProgram } from "../../lib/cli/program.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { runMain } from "./run_main.ts";

const commands = typedCommands(createProgram());

/** What is typed, and what a shell then offers. */
const offers: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
  [["tr"], ["train"]],
  [["train", "--dev"], ["--device"]],
  [["train", "--device", "c"], ["cpu", "cuda"]],
  [["train", "--epochs", "3", "1", "3d_f"], ["3d_fullres"]],
  [["train", "1", "2d", "a"], ["all"]],
  [["plan_and_preprocess", "-c", "2d", "3d_f"], ["3d_fullres"]],
  [["plan_and_preprocess", "-c", "2d", "--np", "3d_"], []],
  [["predict", "-d", "1", "--chk", "checkpoint_b"], ["checkpoint_best.pth"]],
  [["evaluate_folder", "predict", "--tole"], ["--tolerance"]],
  [["completions", "z"], ["zsh"]],
  [["help", "tra"], ["train"]],
];

async function scriptFor(shell: string): Promise<string> {
  const { code, out, err } = await runMain("completions", shell);
  assert.equal(code, 0, err);
  return out;
}

/** Runs a shell. @returns What it prints. */
async function runShell(args: readonly string[], cwd: string, input = ""): Promise<string> {
  const process = new Deno.Command(args[0], {
    args: args.slice(1),
    cwd,
    env: { TERM: "dumb", HOME: cwd },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return text(stdout) + text(stderr);
}

/** Defines a test that needs programs; if it is skipped, its name says why. */
function testWithPrograms(
  programs: readonly string[],
  name: string,
  fn: (folder: string) => Promise<void>,
): void {
  const missing = programs.filter((program) => !isInstalled(program));
  const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", ")})`;
  Deno.test({
    name: name + reason,
    ignore: missing.length > 0,
    fn: () => withTemporaryFolder(fn),
  });
}

function isInstalled(program: string): boolean {
  // On other systems than Linux, it has other options.
  if (program === "script" && Deno.build.os !== "linux") return false;
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch {
      return false;
    }
  });
}

for (const shell of shells) {
  Deno.test(`completions for ${shell} have all commands and options`, async () => {
    const script = await scriptFor(shell);
    for (const { name, options } of commands) {
      assert.ok(script.includes(name), name);
      for (const { flags } of options) {
        for (const flag of flags) {
          const spelled = shell === "fish"
            ? flag.replace(/^--/, "-l ").replace(/^-(?=\w$)/, "-s ")
            : flag;
          assert.ok(script.includes(spelled), `${name} ${flag}`);
        }
      }
    }
  });
}

testWithPrograms(["bash"], "bash completes commands, options and values", async (folder) => {
  const words = (typed: readonly string[]) => typed.map((word) => `'${word}'`).join(" ");
  const script = [
    await scriptFor("bash"),
    'offer() { COMP_WORDS=(nnunet "$@"); COMP_CWORD=$#; _nnunet; echo "${COMPREPLY[*]}"; }',
    ...offers.map(([typed]) => `offer ${words(typed)}`),
    "offer train --device = c", // Bash splits --device=c.
    "offer predict -st", // nnU-Net's long options have one dash.
    "offer predict -chk checkpoint_b",
  ].join("\n");
  await Deno.writeTextFile(join(folder, "script"), script);
  assert.deepEqual((await runShell(["bash", "--norc", "script"], folder)).trimEnd().split("\n"), [
    ...offers.map(([, offered]) => offered.join(" ")),
    "cpu cuda",
    "--step_size",
    "checkpoint_best.pth",
  ]);
});

testWithPrograms(
  ["bash", "script"],
  "bash completes what is typed in a terminal",
  async (folder) => {
    await Deno.mkdir(join(folder, "my scans"));
    await Deno.writeTextFile(join(folder, "model.zip"), "");
    await Deno.writeTextFile(join(folder, "nnunet"), await scriptFor("bash"));
    const keys = [
      "source nnunet",
      `nnunet() { printf "[%s]" "$@"; echo; }`,
      "nnunet trai\t1 3d_f\t0 --root my\t --dev\tcp\t",
      "nnunet export_model_to_zip -d 1 -o mo\t",
      "exit\n",
    ].join("\n");
    const terminal = ["script", "-qec", "bash --norc --noprofile -i", "/dev/null"];
    const printed = await runShell(terminal, folder, keys);
    assert.ok(
      printed.includes("[train][1][3d_fullres][0][--root][my scans/][--device][cpu]"),
      printed,
    );
    assert.ok(printed.includes("[export_model_to_zip][-d][1][-o][model.zip]"), printed);
  },
);

testWithPrograms(["fish"], "fish completes commands, options and values", async (folder) => {
  await Deno.writeTextFile(join(folder, "nnunet.fish"), await scriptFor("fish"));
  await Deno.mkdir(join(folder, "scans"));
  const complete = async (typed: readonly string[]) => {
    const command = `source nnunet.fish; complete -C 'nnunet ${typed.join(" ")}'`;
    const printed = await runShell(["fish", "--no-config", "-c", command], folder);
    return printed.split("\n").map((line) => line.split("\t")[0]).filter((word) => word !== "");
  };
  for (const [typed, offered] of offers) {
    // It knows the places of arguments only if they are typed first.
    if (typed.includes("--epochs")) continue;
    assert.deepEqual(await complete(typed), offered, typed.join(" "));
  }
  assert.deepEqual(await complete(["predict", "--root", "sc"]), ["scans/"]);
});

testWithPrograms(["zsh", "script"], "zsh completes what is typed in a terminal", async (folder) => {
  await Deno.writeTextFile(join(folder, "_nnunet"), await scriptFor("zsh"));
  await Deno.mkdir(join(folder, "scans"));
  const typed = [
    "trai",
    "train 1 3d_f",
    "train --epo",
    "train --device=cp",
    "plan_and_preprocess -c 2d 3d_f",
    "ensemble -i x sc",
    "predict -f 0 1 --root sc",
  ];
  const keys = [
    "autoload -U compinit; compinit -D -u; source ./_nnunet",
    `nnunet() { print -r -- "<$*>" }`,
    ...typed.map((words) => `nnunet ${words}\t`),
    "exit\n",
  ].join("\n");
  const terminal = ["script", "-qec", "zsh -f -i", "/dev/null"];
  const printed = await runShell(terminal, folder, keys);
  assert.deepEqual([...printed.matchAll(/^<(.*?) ?>/gm)].map(([, words]) => words), [
    "train",
    "train 1 3d_fullres",
    "train --epochs",
    "train --device=cpu",
    "plan_and_preprocess -c 2d 3d_fullres",
    "ensemble -i x scans",
    "predict -f 0 1 --root scans",
  ], printed);
});

Deno.test("completions for PowerShell are ASCII, and no table has a key twice", async () => {
  const script = await scriptFor("powershell");
  assert.doesNotMatch(script, /[^\n -~]/);
  // Its tables ignore case.
  for (const { options } of commands) {
    const keys = options.flatMap(({ flags }) => flags.map((flag) => flag.toLowerCase()));
    assert.equal(new Set(keys).size, keys.length);
  }
  assert.ok(script.includes("'plan_and_preprocess --pl' = 'one', @('ExperimentPlanner', "));
  assert.ok(script.includes("'train' = @(, @(); , @('2d', "));
});

Deno.test("nnunet completions rejects shells that it does not know", async () => {
  const { code, err } = await runMain("completions", "tcsh");
  assert.equal(code, 2);
  assert.match(err, /Allowed choices are bash, zsh, fish, powershell/);
});
