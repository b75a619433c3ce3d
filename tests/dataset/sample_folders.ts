/** Creates small data sets on disk that are removed after each test. */

import { join } from "@std/path";
import type { Zyx } from "../../lib/array/nd_array.ts";
import { Dataset } from "../../lib/dataset/dataset.ts";
import { writeImage, writeSegmentation } from "../../lib/image/image_files.ts";
import { countingImage, repeatingLabels } from "../image/sample_images.ts";

/** Source folders of a data set. */
export interface SampleFolders {
  /** Parent of nnU-Net's three folders, which do not exist yet. */
  readonly root: string;
  readonly images: string;
  readonly labels: string;
}

/** Runs a test with new empty folders. */
export async function withFolders(run: (folders: SampleFolders) => Promise<void>) {
  const top = await Deno.makeTempDir();
  try {
    await run({
      root: join(top, "nnunet"),
      images: join(top, "input"),
      labels: join(top, "truth"),
    });
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

/** Returns the folders of the images and label maps, without nnU-Net's. */
export function sourcesOf({ images, labels }: SampleFolders): Omit<SampleFolders, "root"> {
  return { images, labels };
}

/** Writes scans and label maps with the given names. */
export async function writeCases(
  { images, labels }: SampleFolders,
  names: readonly string[],
  { values = [0, 1, 2] as readonly number[], shape = [2, 3, 4] as Zyx, ending = ".nii.gz" } = {},
) {
  for (const [i, name] of names.entries()) {
    await writeImage(join(images, name + ending), countingImage(shape, { start: i }));
    await writeSegmentation(join(labels, name + ending), repeatingLabels(shape, values));
  }
}

/** Creates a data set of two cases, `a` and `b`, with the labels 0, 1 and 2. */
export async function createSample(folders: SampleFolders): Promise<Dataset> {
  await writeCases(folders, ["a", "b"]);
  return await Dataset.create({ ...folders, id: 4, name: "Sample", channels: ["MRI"] });
}

/** Returns the sorted names in a folder, hidden ones included; folders end in a slash. */
export function namesIn(folder: string): string[] {
  return Array.from(
    Deno.readDirSync(folder),
    ({ name, isDirectory }) => name + (isDirectory ? "/" : ""),
  )
    .sort();
}

/** Returns all files below a folder with their content, to check that nothing changed. */
export function snapshot(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) Object.assign(files, snapshot(path));
    else files[path] = Deno.readFileSync(path).toBase64();
  }
  return files;
}
