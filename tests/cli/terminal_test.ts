import assert from "node:assert/strict";
import { join } from "@std/path";
import { writeZipFile } from "../../lib/interop/zip_file.ts";
import { printError } from "../../lib/cli/terminal.ts";
import { textOf } from "../module_imports.ts";
import { type Outcome, runCli } from "./run_cli.ts";

/** Clears the screen, sets the title, overwrites the line, reverses the order of letters. */
const evil = "\x1b[2J\x1b]0;owned\x07\r\x9b31m\u202eevil";

/** Asserts that a command failed, naming what it found, and without a character terminals act on. */
function assertShown({ code, out, err }: Outcome) {
  assert.notEqual(code, 0);
  assert.match(out + err, /\\x1b\[2J|\\u001b\[2J/);
  assert.doesNotMatch(out + err, /[^\n\P{Cc}]|\u202e/u);
}

Deno.test("the command line shows names escaped, wherever they come from", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const zip = join(folder, "model.zip");
    await writeZipFile(zip, [{ name: `../${evil}`, content: [] }]);
    const dataset = join(folder, "nnUNet_raw", "Dataset001_A");
    await Deno.mkdir(join(dataset, "labelsTr"), { recursive: true });
    await Deno.mkdir(join(dataset, "imagesTr"));
    await Deno.writeTextFile(join(dataset, "imagesTr", `${evil}_0000.nrrd`), evil);
    await Deno.writeTextFile(join(dataset, "labelsTr", `${evil}.nrrd`), evil);
    await Deno.writeTextFile(
      join(dataset, "dataset.json"),
      JSON.stringify({
        channel_names: { 0: evil },
        labels: { background: 0, [evil]: 1 },
        numTraining: 1,
        file_ending: ".nrrd",
      }),
    );
    const bad = join(folder, evil);
    await Deno.writeTextFile(bad, evil);
    const outcomes = await Promise.all([
      runCli("install_pretrained_model_from_zip", zip, "--root", folder),
      runCli("plan_and_preprocess", "-d", "1", "--root", folder, "--verify_dataset_integrity"),
      runCli("ensemble", "-i", bad, bad, "-o", join(folder, "out")),
      runCli("train", evil, "2d", "0", "--root", folder),
      runCli(`--${evil}`),
    ]);
    outcomes.forEach(assertShown);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("commands print only by terminal.ts and status_line.ts, which escape", async () => {
  const exceptions = ["terminal.ts", "status_line.ts", "output.ts"];
  for (const folder of ["lib/cli", "lib/cli/commands"]) {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || exceptions.includes(name)) continue;
      const code = (await textOf(`${folder}/${name}`)).replace(/^\s*\*.*$/gm, "");
      assert.doesNotMatch(code, /console\.|Deno\.std(out|err)/, name);
    }
  }
});

Deno.test("printError() shortens what a file's header can make as long as the file", () => {
  const original = Deno.stderr.writeSync;
  let printed = "";
  Deno.stderr.writeSync = (bytes) => {
    printed += new TextDecoder().decode(bytes);
    return bytes.length;
  };
  try {
    printError(`Cannot read a.nrrd: type is ${"x".repeat(1e6)}, expected uint8\nSecond line`);
  } finally {
    Deno.stderr.writeSync = original;
  }
  assert.ok(printed.length < 1300, `${printed.length} characters`);
  assert.match(printed, /^Cannot read a\.nrrd: type is x+ … x+, expected uint8\nSecond line\n$/);
});
