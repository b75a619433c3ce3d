/**
 * `deno task parity:pages`: compares what exported pages segment with what `Predictor` does, voxel for
 * voxel, with models that are trained for a few steps, whose classes rarely tie. Real scans are read
 * from the folder NNUNET_TEST_DATA.
 *
 * `--only NAME` compares one model. `--large` also segments a scan of 512×512×200 voxels in a page and
 * measures the memory of the page's process. `--check` fails if a voxel differs, the page takes more
 * than 3.5 GB, or there are no real scans.
 */

import { parseArgs } from "node:util";
import { join } from "@std/path";
import type { Page } from "playwright-core";
import { datasetFromCases, type MemoryCase } from "../../lib/browser/dataset_from_cases.ts";
import { exportHtml } from "../../lib/browser/export_html.ts";
import type { ConfigurationName } from "../../lib/files/plans.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import type { Segmentation } from "../../lib/image/image.ts";
import { readImage, readSegmentation, writeImage } from "../../lib/image/image_files.ts";
import { imageFrom } from "../../lib/image/image_from.ts";
import { formatBytes } from "../../lib/options/format_bytes.ts";
import { Planner } from "../../lib/planner.ts";
import { Predictor } from "../../lib/predictor.ts";
import { Trainer } from "../../lib/trainer.ts";
import type { PlanningOptions } from "../../lib/planning/plan_dataset.ts";
import type { TrainerOptions } from "../../lib/training/training_options.ts";
import { generatePhantom, phantomLabels } from "../../data/phantom.ts";
import { withPage } from "../browser/browser.ts";
import { segmentIn, withModelPage } from "../browser/model_page.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    large: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

/** A model to train, and the cases to train it on; the last ones are segmented. */
interface Subject {
  readonly name: string;
  readonly channels?: readonly string[];
  readonly classes: readonly string[] | Readonly<Record<string, readonly number[]>>;
  readonly regionsClassOrder?: readonly number[];
  readonly cases: () => Promise<readonly MemoryCase[]>;
  readonly configurations?: readonly ConfigurationName[];
  readonly planner?: PlanningOptions;
  readonly trainer?: TrainerOptions;
  /** Number of scans to segment. */
  readonly scans: number;
}

/** Largest memory of a page's process. */
const PAGE_BYTES = 3.5e9;

const phantomClasses = Object.keys(phantomLabels).slice(1);

/** Phantoms of some spacing, with copies as further channels. */
function phantoms(spacing: Zyx, channels = 1): () => Promise<MemoryCase[]> {
  return () =>
    Promise.resolve([1, 2, 3].map((seed) => {
      const { image, labels } = generatePhantom({ seed, spacing });
      const data = new Float32Array(channels * image.data.length);
      for (let i = 0; i < data.length; i++) {
        const c = Math.floor(i / image.data.length);
        data[i] = image.data[i % image.data.length] * (c === 1 ? -1 : 1) + 10 * c;
      }
      return { name: `phantom_${seed}`, image: { ...image, channels, data }, labels };
    }));
}

/** Real scans of a folder. @param labelOf What becomes of a label. */
function realScans(
  folder: string,
  count: number,
  labelOf: (label: number) => number = (label) => label,
): () => Promise<MemoryCase[]> {
  return async () => {
    const [images, labels] = ["input", "ground_truth"].map((part) =>
      join(realScansFolder!, folder, part)
    );
    const names = Array.from(Deno.readDirSync(images), ({ name }) => name).sort().slice(0, count);
    return await Promise.all(names.map(async (name) => {
      const map = await readSegmentation(join(labels, name));
      return {
        name: name.replace(/\..*$/, ""),
        image: await readImage([join(images, name)]),
        labels: { ...map, data: Uint8Array.from(map.data, labelOf) },
      };
    }));
  };
}

const subjects: readonly Subject[] = [
  ...realScansFolder
    ? [
      {
        name: "hippocampus",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 12),
        scans: 4,
      },
      {
        name: "hippocampus in 2D",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 12),
        configurations: ["2d"],
        scans: 2,
      },
      {
        name: "hippocampus, residual encoder",
        classes: ["anterior", "posterior"],
        cases: realScans("hippocampus", 12),
        planner: { planner: "nnUNetPlannerResEncM" },
        scans: 2,
      },
      {
        name: "the CT",
        channels: ["CT"],
        classes: ["some", "others"],
        cases: realScans("ct", 1, (label) => label === 0 ? 0 : 1 + label % 2),
        scans: 1,
      },
    ] satisfies Subject[]
    : [],
  {
    name: "an anisotropic scan",
    classes: phantomClasses,
    cases: phantoms([5, 1.5, 1.5]),
    scans: 2,
  },
  {
    name: "2D with three channels",
    channels: ["one", "two", "three"],
    classes: phantomClasses,
    cases: phantoms([4, 2, 2], 3),
    configurations: ["2d"],
    scans: 2,
  },
  {
    name: "regions",
    classes: { whole: phantomClasses.map((_, i) => i + 1), first: [1] },
    regionsClassOrder: [2, 1],
    cases: phantoms([2.5, 2.5, 2.5]),
    scans: 2,
  },
];

const root = await Deno.makeTempDir({ prefix: "parity_pages_" });
const missed: string[] = [];
/** Voxels that differ, and all, by scan. */
const found: Record<string, readonly [differing: number, voxels: number]> = {};
let id = 1;
try {
  if (!realScansFolder) missed.push(realScansMissing);
  const chosen = subjects.filter(({ name }) => !options.only || name === options.only);
  for (const subject of chosen) {
    const { folder, cases } = await trained(subject);
    const path = join(root, `${id}.html`);
    await exportHtml(path, { models: [folder], folds: ["all"] });
    using predictor = await Predictor.open(folder, { folds: ["all"], device: "cpu" });
    await withPage((page) =>
      withModelPage(page, path, "file", async () => {
        for (const { name, image } of cases.slice(-subject.scans)) {
          const { segmentation } = await segmentIn(page, image);
          report(`${subject.name}, ${name}`, segmentation, await predictor.predict(image));
        }
      })
    );
  }
  if (options.large) await compareLarge();
  for (const miss of missed) console.log(`missed: ${miss}`);
  console.log(JSON.stringify({ found, missed }));
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

/** Trains a model for a few steps on all cases. */
async function trained(subject: Subject) {
  const { channels = ["MRI"], configurations = ["3d_fullres"] } = subject;
  const cases = await subject.cases();
  const dataset = await datasetFromCases({
    ...{ root, id: id++, name: "Pages", channels, cases },
    classes: subject.classes,
    regionsClassOrder: subject.regionsClassOrder,
  });
  const planner = new Planner({ gpuMemoryTarget: 0.2, baseFeatures: 8, ...subject.planner });
  const plans = await planner.plan(dataset);
  await plans.preprocess(dataset, { configurations, workers: 1 });
  const trainer = new Trainer(plans, configurations.at(-1)!, {
    ...{ fold: "all", epochs: 1, iterations: 300, validationIterations: 1, device: "cpu" },
    ...subject.trainer,
  });
  for await (const _ of trainer.fit({ validation: false }));
  return { folder: trainer.modelFolder, cases };
}

/** Counts the voxels that differ. */
function report(name: string, labels: Segmentation, expected: Segmentation): void {
  const { length } = expected.data;
  let differing = labels.data.length === length ? 0 : length;
  for (let i = 0; i < length; i++) if (labels.data[i] !== expected.data[i]) differing++;
  const classes = new Set(expected.data).size;
  found[name] = [differing, length];
  console.log(`${name}: ${differing} of ${length} voxels differ, ${classes} labels`);
  if (differing > 0) missed.push(`${name}: ${differing} voxels differ, expected none`);
  if (classes < 2) missed.push(`${name}: one label only, which says little`);
}

/** Segments a large scan in a page, as a reader does, and measures the page's memory. */
async function compareLarge(): Promise<void> {
  const spacing: Zyx = [2, 1.6, 1.6];
  const { folder } = await trained({
    name: "large",
    classes: phantomClasses,
    cases: phantoms(spacing),
    planner: { gpuMemoryTarget: 0.2, baseFeatures: 4 },
    trainer: { mirrorAxes: [] },
    scans: 0,
  });
  const shape: Zyx = [200, 512, 512];
  const file = join(root, "large.nii");
  await writeImage(file, repeatedPhantom(shape, [2, 0.8, 0.8]));
  const path = join(root, "large.html");
  await exportHtml(path, { models: [folder], folds: ["all"] });
  const saved = join(root, "saved.nii.gz");
  const begin = performance.now();
  const peak = await withPage((page) =>
    withModelPage(page, path, "file", async () => {
      page.setDefaultTimeout(0);
      await page.locator(".drop input[type=file]:not([webkitdirectory])").first()
        .setInputFiles(file);
      await page.locator("li[data-state=done], li[data-state=failed]").waitFor();
      const words = await page.locator("li[data-state]").first().textContent();
      console.log(`the page says: ${words}`);
      const bytes = await peakOfPage(page);
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Save large" }).click();
      await (await download).saveAs(saved);
      return bytes;
    })
  );
  const minutes = (performance.now() - begin) / 60_000;
  console.log(
    `large: peak of the page's process ${formatBytes(peak)}, ${minutes.toFixed(1)} minutes`,
  );
  if (peak > PAGE_BYTES) missed.push(`large: ${formatBytes(peak)}, expected at most 3.5 GB`);
  using predictor = await Predictor.open(folder, { folds: ["all"], device: "cpu" });
  report("large", await readSegmentation(saved), await predictor.predict(await readImage([file])));
}

/** A scan of whole numbers that shows a phantom again and again, at twice its size in a plane. */
function repeatedPhantom([depth, rows, columns]: Zyx, spacing: Zyx) {
  const [z, y, x] = spacing;
  const { image } = generatePhantom({ seed: 9, spacing: [z, 2 * y, 2 * x] });
  const [phantomDepth, phantomRows, phantomColumns] = image.geometry.shape;
  const data = new Float32Array(depth * rows * columns);
  for (let i = 0, a = 0; a < depth; a++) {
    for (let b = 0; b < rows; b++) {
      const row = ((a % phantomDepth) * phantomRows + (b >> 1) % phantomRows) * phantomColumns;
      for (let c = 0; c < columns; c++, i++) {
        data[i] = Math.round(image.data[row + (c >> 1) % phantomColumns]);
      }
    }
  }
  return imageFrom(data, { shape: [depth, rows, columns], spacing });
}

/** Returns the largest resident memory of the process that shows a page, in bytes. */
async function peakOfPage(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const peaks = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const status = Deno.readTextFileSync(`/proc/${id}/status`);
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? 0);
  });
  return Math.max(...peaks);
}
