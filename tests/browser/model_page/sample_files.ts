/** Files as a browser hands them to the page. */

import type { Image, Segmentation } from "../../../lib/image/image.ts";
import { formatOf } from "../../../lib/image/registry.ts";
import type { PageFile } from "../../../lib/browser/model_page/page_files.ts";
import type { PageFacts } from "../../../lib/browser/segmenter.ts";
import golden from "../../golden/images.json" with { type: "json" };

/** What a page says about a model of one channel and two classes. */
export const facts: PageFacts = {
  name: "Ball in a shell",
  configurations: ["3d_fullres"],
  trainer: "nnUNetTrainer",
  folds: [0],
  channels: [{ name: "MRI", normalization: "ZScoreNormalization" }],
  classes: ["shell", "core"].map((name, i) => ({ name, label: i + 1, labels: [i + 1] })),
  spacing: [2, 1, 1],
  patchSize: [24, 32, 20],
  reader: "SimpleITKIO",
  fileEnding: ".nii.gz",
  validation: {
    meanDice: 0.8765,
    cases: 20,
    perClass: [{ name: "shell", dice: 0.853 }, { name: "core", dice: 0.9 }],
  },
  modelBytes: 22_400_000,
  created: "2026-11-30T12:00:00.000Z",
  version: "0.1.0",
};

/** The same, of two channels. */
export const twoChannels: PageFacts = {
  ...facts,
  channels: ["T1", "FLAIR"].map((name) => ({ name, normalization: "ZScoreNormalization" })),
};

/** Makes a file of the page. */
export function pageFile(path: string, content: Uint8Array<ArrayBuffer> | string): PageFile {
  return { path, file: new File([content], path.replace(/^.*\//, "")) };
}

/** Encodes a scan as the files of a format: one, or a header and its voxels. */
export async function imageFiles(path: string, image: Image): Promise<PageFile[]> {
  const content = await formatOf(path, "write").encodeImage!(image, path);
  if (content instanceof Uint8Array) return [pageFile(path, content)];
  const folder = path.replace(/[^/]*$/, "");
  return [pageFile(path, content.header), pageFile(folder + content.dataName, content.data)];
}

/** Encodes a label map as a file. */
export async function labelFile(path: string, segmentation: Segmentation): Promise<PageFile> {
  const content = await formatOf(path, "write").encodeSegmentation(segmentation, path);
  return pageFile(path, content as Uint8Array<ArrayBuffer>);
}

/** Three slices of one series, 3 × 4 pixels. */
export function sliceFiles(folder: string): PageFile[] {
  return golden.cases.find(({ name }) => name === "DICOM upright")!.files.map(({ file }, i) =>
    pageFile(`${folder}/${i}`, Uint8Array.fromBase64(file))
  );
}

/** The same slices as another series, whose identifier ends in another digit. */
export function otherSeries(files: readonly PageFile[]): Promise<PageFile[]> {
  return Promise.all(files.map(async ({ path, file }) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const changed = text.replaceAll("1.2.3.4\0", "1.2.3.5\0");
    return pageFile(`${path}b`, Uint8Array.from(changed, (letter) => letter.charCodeAt(0)));
  }));
}
