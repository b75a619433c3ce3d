/** Old data sets from the golden file, and the output of nnU-Net's converters. */

import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { type Folders, foldersIn } from "../../lib/files/folders.ts";
import { readImage } from "../../lib/image/image_files.ts";
import golden from "../golden/conversion.json" with { type: "json" };

interface Scan {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly affine: readonly number[];
  readonly spacing: readonly number[];
}

interface Conversion {
  readonly source: string;
  readonly target: string;
  /** Contents by path, in base64. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Scans or JSON text, by path. */
  readonly outputs: Readonly<Record<string, Scan | string>>;
}

/** A golden conversion. */
export function goldenConversion(name: keyof typeof golden): Conversion {
  return golden[name] as unknown as Conversion;
}

/** Runs a test with an old data set on disk and empty folders for the new one. */
export async function withOldDataset(
  { source, inputs }: Conversion,
  run: (folder: string, folders: Folders) => Promise<void>,
) {
  const top = await Deno.makeTempDir();
  try {
    for (const [file, content] of Object.entries(inputs)) {
      const path = join(top, source, file);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, Uint8Array.fromBase64(content));
    }
    await run(join(top, source), foldersIn(join(top, "nnunet")));
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

/** Compares all files of a folder with those of nnU-Net's converter. */
export async function assertConverted(folder: string, { outputs }: Conversion) {
  assert.deepEqual(filesBelow(folder), Object.keys(outputs).sort());
  for (const [file, expected] of Object.entries(outputs)) {
    if (typeof expected === "string") {
      const text = await Deno.readTextFile(join(folder, file));
      assert.deepEqual(JSON.parse(text), JSON.parse(expected));
      continue;
    }
    const { geometry, channels, data } = await readImage([join(folder, file)]);
    assert.equal(channels, 1);
    assert.deepEqual(geometry.shape.toReversed(), expected.shape, file);
    assert.deepEqual(geometry.spacing.toReversed(), expected.spacing, file);
    assert.deepEqual(Array.from(data), expected.values, file);
    // Zeros may differ in sign.
    assert.deepEqual(geometry.affine.map((v) => v + 0), expected.affine.map((v) => v + 0), file);
  }
}

function filesBelow(folder: string, inside = ""): string[] {
  return Array.from(Deno.readDirSync(join(folder, inside))).flatMap(({ name, isDirectory }) => {
    const path = join(inside, name);
    return isDirectory ? filesBelow(folder, path) : [path];
  }).sort();
}
