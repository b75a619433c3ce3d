/**
 * `deno task parity:pages`: compares what exported pages segment with what `Predictor` does, voxel for
 * voxel, with models that are trained for some steps, so that they predict every class. Real scans
 * are read from the folder NNUNET_TEST_DATA.
 *
 * `--only NAME` compares one model, or `large`. `--model FOLDER --phantoms N` compares a trained model of the
 * tutorial on N phantoms that it never saw instead. `--large` also segments a scan of 512×512×200
 * voxels in a page and measures the memory of the page's process. `--check` fails if a voxel differs
 * whose classes do not tie, a class is never predicted, the page takes more than 3.5 GB, or there are
 * no real scans.
 */

import { join } from "@std/path";
import type { Page } from "playwright-core";
import type { MemoryCase } from "../../lib/browser/dataset_from_cases.ts";
import { exportHtml } from "../../lib/browser/export_html.ts";
import type { Zyx } from "../../lib/array/nd_array.ts";
import type { Segmentation } from "../../lib/image/image.ts";
import { readImage, readSegmentation, writeImage } from "../../lib/image/image_files.ts";
import { imageFrom } from "../../lib/image/image_from.ts";
import { formatBytes } from "../../lib/options/format_bytes.ts";
import { Predictor } from "../../lib/predictor.ts";
import { generatePhantom } from "../../data/phantom.ts";
import { withPage } from "../browser/browser.ts";
import { compareLabels, type LabelDifferences, TIE } from "../browser/compare_labels.ts";
import { segmentIn, withModelPage } from "../browser/model_page.ts";
import { taskOptions } from "../task_options.ts";
import { largeSubject, pageSubjects, trainSubject } from "./pages_subjects.ts";
import { realScansFolder, realScansMissing } from "./real_scans.ts";

const options = taskOptions(import.meta.url, {
  only: { type: "string" },
  model: { type: "string" },
  phantoms: { type: "string", default: "4" },
  large: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
});

/** Largest memory of a page's process. */
const PAGE_BYTES = 3.5e9;

/** What was found of one model, over all of its scans. */
interface Findings extends LabelDifferences {
  readonly scans: number;
  /** Voxels that `Predictor` gives each label. */
  readonly labels: Readonly<Record<number, number>>;
  /** Seconds of the page and of Deno, both on one thread. */
  readonly page: number;
  readonly deno: number;
}

const root = await Deno.makeTempDir({ prefix: "parity_pages_" });
const missed: string[] = [];
const found: Record<string, Findings> = {};
try {
  if (options.model !== undefined) {
    const scans = Array.from({ length: Number(options.phantoms) }, (_, i) => ({
      name: `phantom_${9001 + i}`,
      ...generatePhantom({ seed: 9001 + i }),
    }));
    await compareModels("model", [{ folder: options.model, folds: undefined }], scans);
  } else {
    if (!realScansFolder) missed.push(realScansMissing);
    const names = [...pageSubjects, largeSubject].map(({ name }) => name);
    if (options.only !== undefined && !names.includes(options.only)) {
      throw new RangeError(`--only is ${options.only}, expected one of: ${names.join("; ")}`);
    }
    for (const [i, subject] of pageSubjects.entries()) {
      if (options.only !== undefined && subject.name !== options.only) continue;
      const begin = performance.now();
      const { models, cases } = await trainSubject(subject, root, i + 1);
      console.log(`${subject.name}: trained in ${secondsSince(begin).toFixed(0)} s`);
      await compareModels(
        subject.name,
        models.map(({ folder }) => ({ folder, folds: ["all"] })),
        cases.slice(-subject.scans),
      );
    }
  }
  if (options.large || options.only === largeSubject.name) await compareLarge();
  for (const miss of missed) console.log(`missed: ${miss}`);
  console.log(JSON.stringify({ found, missed }));
} finally {
  await Deno.remove(root, { recursive: true });
}
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

/**
 * Compares pages of models with `Predictor`.
 *
 * @param models The stages of a cascade, or one. A tie in the first stage changes what the second one
 * sees, so each is compared by itself, with the segmentation of the first one's page.
 */
async function compareModels(
  name: string,
  models: readonly { readonly folder: string; readonly folds?: readonly "all"[] }[],
  cases: readonly MemoryCase[],
): Promise<void> {
  const previous = new Map<string, Segmentation>();
  for (const [stage, { folder, folds }] of models.entries()) {
    const path = join(root, "page.html");
    await exportHtml(path, { models: [folder], folds });
    using predictor = await Predictor.open(folder, { folds, device: "cpu", threads: 1 });
    const title = models.length > 1 ? `${name}, stage ${stage + 1}` : name;
    await withPage((page) =>
      withModelPage(page, path, "file", async () => {
        for (const { name, image } of cases) {
          const previousStage = previous.get(name);
          const begin = performance.now();
          const { segmentation } = await segmentIn(page, image);
          const middle = performance.now();
          const expected = await predictor.predict(image, { previousStage });
          const deno = secondsSince(middle);
          const differences = await compareLabels(
            ...[segmentation, expected, predictor, image, previousStage] as const,
          );
          add(title, differences, expected, { page: (middle - begin) / 1000, deno });
          previous.set(name, segmentation);
        }
      })
    );
    report(title, predictor);
  }
}

/** Adds what was found of a scan to its model's findings. */
function add(
  title: string,
  { voxels, differing, withoutTie }: LabelDifferences,
  { data }: Segmentation,
  { page, deno }: { readonly page: number; readonly deno: number },
): void {
  const sum = found[title] ??
    { ...{ scans: 0, voxels: 0, differing: 0, withoutTie: 0, page: 0, deno: 0 }, labels: {} };
  const labels: Record<number, number> = { ...sum.labels };
  for (const label of data) labels[label] = (labels[label] ?? 0) + 1;
  found[title] = {
    scans: sum.scans + 1,
    voxels: sum.voxels + voxels,
    differing: sum.differing + differing,
    withoutTie: sum.withoutTie + withoutTie,
    labels,
    page: sum.page + page,
    deno: sum.deno + deno,
  };
}

/** Prints what was found of a model, and notes what misses the target. */
function report(title: string, { datasetJson: { labels, regionsClassOrder } }: Predictor): void {
  const { scans, voxels, differing, withoutTie, labels: counts, page, deno } = found[title];
  const classes = regionsClassOrder ?? Object.values(labels).filter((label) => label !== 0);
  const perClass = classes.map((label) => `${counts[Number(label)] ?? 0} of ${label}`);
  console.log(
    `${title}: ${differing} of ${voxels} voxels of ${scans} scans differ, ${withoutTie} of them ` +
      `without a tie (${TIE}); ${perClass.join(", ")}; ` +
      `page ${page.toFixed(1)} s, Deno ${deno.toFixed(1)} s`,
  );
  if (withoutTie > 0) {
    missed.push(`${title}: ${withoutTie} voxels differ whose classes do not tie, expected none`);
  }
  const absent = classes.filter((label) => !counts[Number(label)]);
  if (absent.length > 0) {
    missed.push(`${title}: label ${absent.join(", ")} is never predicted, which says little`);
  }
}

/** Segments a large scan in a page, as a reader does, and measures the page's memory. */
async function compareLarge(): Promise<void> {
  const { name } = largeSubject;
  const { models: [{ folder }] } = await trainSubject(largeSubject, root, 100);
  const file = join(root, `${name}.nii`);
  await writeImage(file, repeatedPhantom([200, 512, 512], [2, 0.8, 0.8]));
  const path = join(root, `${name}.html`);
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
      await page.getByRole("button", { name: `Save ${name}` }).click();
      await (await download).saveAs(saved);
      return bytes;
    })
  );
  const middle = performance.now();
  console.log(`${name}: peak of the page's process ${formatBytes(peak)}`);
  if (peak > PAGE_BYTES) missed.push(`${name}: ${formatBytes(peak)}, expected at most 3.5 GB`);
  const segmentation = await readSegmentation(saved);
  const scan = await readImage([file]);
  using predictor = await Predictor.open(folder, { folds: ["all"], device: "cpu", threads: 1 });
  const begun = performance.now();
  const expected = await predictor.predict(scan);
  const seconds = { page: (middle - begin) / 1000, deno: secondsSince(begun) };
  add(name, await compareLabels(segmentation, expected, predictor, scan), expected, seconds);
  report(name, predictor);
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

function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1000;
}
