/** Tests that the commands in the notebooks' prose are ones that the command line accepts. */

import assert from "node:assert/strict";
import { basename } from "@std/path";
import { fileURLToPath } from "node:url";
import { findNotebooks } from "../../kernels/jupyter/find_notebooks.ts";
import { joined, readNotebook } from "../../kernels/jupyter/notebook_file.ts";
import { asOwnArguments } from "../../lib/cli/arguments.ts";
import { createProgram } from "../../lib/cli/program.ts";

const folder = fileURLToPath(new URL("../../notebooks", import.meta.url));

for (const path of await findNotebooks(folder, [])) {
  Deno.test(`the commands in ${basename(path)} exist, with their options`, async () => {
    for (const { cell_type, source } of (await readNotebook(path)).cells) {
      if (cell_type !== "markdown") continue;
      for (const command of commandsIn(joined(source))) await requireValid(command);
    }
  });
}

Deno.test("commandsIn() joins lines, fills in variables and loops, and skips other programs", () => {
  const text = "```sh\nR=runs/a\nfor fold in 0 1; do\n  deno task nnunet train 1 2d $fold \\\n" +
    '    --root $R\ndone\npip install x\n```\n```ts\nconsole.log("deno task nnunet no");\n```\n' +
    "and `deno task nnunet devices`";
  assert.deepEqual(commandsIn(text), [
    ["train", "1", "2d", "0", "--root", "runs/a"],
  ]);
});

Deno.test("requireValid() rejects unknown commands, options and arguments", async () => {
  await requireValid(["train", "101", "3d_fullres", "0", "--npz"]);
  await assert.rejects(requireValid(["trian", "101"]), /unknown command 'trian'/);
  await assert.rejects(requireValid(["train", "101", "2d", "0", "--epoch", "3"]), /--epoch/);
  await assert.rejects(requireValid(["train", "101", "2d"]), /missing required argument/);
  await assert.rejects(requireValid(["ensemble", "-i", "a"]), /required option '-o/);
});

/**
 * The arguments of the commands in listings for shells. A variable stands for its value, or for the
 * first one of its loop.
 */
function commandsIn(markdown: string): string[][] {
  const variables = new Map<string, string>();
  const commands: string[][] = [];
  for (const [, listing] of markdown.matchAll(/^```sh\n(.*?)^```/gms)) {
    for (const line of listing.replace(/\\\n/g, " ").split("\n").map((one) => one.trim())) {
      const [, name, value] = /^(?:export )?(\w+)=(\S+)$/.exec(line) ??
        /^for (\w+) in (\S+) .*; do$/.exec(line) ?? [];
      if (name) variables.set(name, value);
      const [, rest] = /^deno task nnunet(?::cpu)? (.*?)(?: +#.*)?$/.exec(line) ?? [];
      if (rest === undefined) continue;
      commands.push(
        rest.split(/ +/).map((word) =>
          word.replace(/\$(\w+)/g, (all, name) => variables.get(name) ?? all)
        ),
      );
    }
  }
  return commands;
}

/** Parses a command as the command line does, without running it. */
async function requireValid(args: readonly string[]): Promise<void> {
  const program = createProgram();
  for (const each of [program, ...program.commands]) {
    each.configureOutput({ writeErr: () => {}, outputError: () => {} });
  }
  for (const command of program.commands) command.action(() => {});
  try {
    await program.parseAsync(asOwnArguments(args), { from: "user" });
  } catch (error) {
    throw new Error(`nnunet ${args.join(" ")}: ${(error as Error).message}`);
  }
}
