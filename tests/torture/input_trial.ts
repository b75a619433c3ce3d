/** Damages one file, runs a command on it, and checks how it was refused or what was made of it. */

import { join } from "@std/path";
import { fileNames } from "../../lib/files/paths.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { damageOf } from "./file_content.ts";
import type { InputProcess } from "./input_process.ts";
import type { Input } from "./inputs.ts";
import { messageFaults } from "./messages.ts";
import { areEqual, readTree, type Tree, writeTree } from "./trees.ts";

/** More than the smallest inputs ever need. */
const LIMITS = { processorSeconds: 15, bytes: 2e9 };

/** Tries one damaged file. @returns Whether it was accepted, and the faults found. */
export async function tryInput(
  input: Input,
  seed: number,
  { place, process }: { readonly place: string; readonly process: InputProcess },
): Promise<{ accepted: boolean; faults: string[] }> {
  const files = new Map(input.files);
  const { target } = input;
  files.set(target, input.mutate(files.get(target)!, createGenerator(seed)));
  writeTree(place, files);
  const around = new Set(namesAround(place));
  const { code, text, died, processorSeconds, peakBytes } = await process.run({
    args: input.args,
    folder: place,
  });
  if (died !== undefined) return { accepted: false, faults: [`${died}: ${text.trim()}`] };
  const faults: string[] = [];
  if (processorSeconds > LIMITS.processorSeconds) {
    faults.push(`it took ${processorSeconds.toFixed(0)} s of processor time`);
  }
  if (peakBytes > LIMITS.bytes) faults.push(`it took ${(peakBytes / 1e9).toFixed(1)} GB`);
  const after = readTree(place);
  const accepted = code === 0;
  if (!accepted) {
    if (code !== 1 && code !== 2) faults.push(`its exit code is ${code}`);
    const named = (input.names ?? [target.replace(/^.*\//, "")]).some((name) =>
      text.includes(name)
    );
    const found = messageFaults(text);
    if (!named) found.push("the message does not name the file");
    faults.push(...found.map((fault) => `${fault}: ${text.trim()}`));
  }
  for (const name of namesAround(place)) {
    if (!around.has(name)) faults.push(`it wrote ${name} outside its folder`);
  }
  faults.push(...await writtenFaults(files, after, accepted, input));
  return { accepted, faults };
}

async function writtenFaults(
  before: Tree,
  after: Tree,
  accepted: boolean,
  { written, passedOn }: Input,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [path, content] of after) {
    const old = before.get(path);
    if (content === null || (old && areEqual(old, content))) continue;
    const isUnfinished = path.split("/").some((name) =>
      name.startsWith(".") && name !== fileNames.madeFrom
    );
    if (isUnfinished) faults.push(`it left ${path}`);
    else if (passedOn?.test(path)) continue;
    else if (accepted) {
      const damage = await damageOf(path, content);
      if (damage !== undefined) faults.push(`it wrote ${path} damaged: ${damage}`);
    } else if (!written?.test(path)) {
      faults.push(`it failed and ${old ? "changed" : "wrote"} ${path}`);
    }
  }
  for (const path of before.keys()) {
    if (!after.has(path) && !written?.test(path)) faults.push(`it removed ${path}`);
  }
  return faults;
}

/** Names in the three folders above. */
function namesAround(place: string): string[] {
  return ["..", "../..", "../../.."].flatMap((above) =>
    [...Deno.readDirSync(join(place, above))].map(({ name }) => `${above}/${name}`)
  );
}
