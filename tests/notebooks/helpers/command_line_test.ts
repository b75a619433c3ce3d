import assert from "node:assert/strict";
import { nnunet, wordsOf } from "../../../notebooks/helpers/command_line.ts";

async function printed(action: () => Promise<void>): Promise<string> {
  const lines: string[] = [];
  const { log, error } = console;
  console.log = (line: string) => lines.push(line);
  console.error = (line: string) => lines.push(`error: ${line}`);
  try {
    await action();
  } finally {
    Object.assign(console, { log, error });
  }
  return lines.join("\n");
}

Deno.test("wordsOf() keeps what is in double quotes together", () => {
  assert.deepEqual(wordsOf('predict -i "my scans/a" -o out'), [
    "predict",
    "-i",
    "my scans/a",
    "-o",
    "out",
  ]);
});

Deno.test("nnunet() prints a command and its output, and throws if it fails", async () => {
  assert.match(
    await printed(() => nnunet("train --help")),
    /^\$ deno task nnunet train --help\nUsage: nnunet train/,
  );
  await assert.rejects(
    printed(() => nnunet("train --nothing")),
    /deno task nnunet train --nothing: failed with exit code 2/,
  );
  assert.match(
    await printed(() => nnunet("train --nothing", { mayFail: true })),
    /^error: .*unknown option '--nothing'[^]*\(exit code 2\)$/m,
  );
});

Deno.test("nnunet() passes this process's variables on", async () => {
  const name = "nnUNet_raw";
  const before = Deno.env.get(name);
  Deno.env.set(name, "/nowhere/nnUNet_raw");
  try {
    const command = "plan_and_preprocess -d 1";
    assert.match(await printed(() => nnunet(command, { mayFail: true })), /nnUNet_preprocessed/);
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
});
