/** Exports trained models as a web page that segments scans on the reader's computer. */

import type { Voting } from "../ensembling/voting.ts";
import type { PostprocessingStep } from "../files/postprocessing.ts";
import { MemoryError } from "../memory/memory_error.ts";
import { type OpenedModel, openModel } from "../model/open_model.ts";
import type { OpenModelOptions } from "../model/open_trained.ts";
import { reasonOf } from "../options/reason_of.ts";
import { type KnownOptions, requireKnown } from "../options/require_known.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { writeFolderAtomically } from "../platform/atomic_folder.ts";
import { OpenFile } from "../platform/open_file.ts";
import {
  copyFile,
  exists,
  isFolder,
  readTextFile,
  writeFile,
  writeTextFile,
} from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { printable } from "../untrusted/printable.ts";
import { cpuWindowNeeds } from "../window/cpu/window_needs.ts";
import { packedEnding, pageParts, partNames } from "./bundle.ts";
import { type InlineFile, inlinePage, pageOfFolder } from "./html_page.ts";
import { pageFacts } from "./page_facts.ts";
import { pageFileNames, type PageManifest, type PageModel } from "./page_manifest.ts";

/** Options of {@link exportHtml}. */
export interface ExportHtmlOptions extends OpenModelOptions {
  /**
   * The models, as `Predictor.open()` takes them. Several are an ensemble, whose probabilities are
   * merged; they must be of one data set. Cascades contain their first stage.
   */
  readonly models: readonly string[];
  /** How the members of an ensemble vote; `soft` by default. */
  readonly voting?: Voting;
  /** What to do with label maps, in order; nothing by default. */
  readonly postprocessing?: readonly PostprocessingStep[];
  /**
   * Path of a `summary.json` with the scores to show; by default, those of the folds' validation if
   * there is one model.
   */
  readonly summary?: string;
  /**
   * Whether to write a folder with `index.html` and its files, for sites whose content policy forbids
   * scripts inside pages; false by default.
   */
  readonly asFolder?: boolean;
}

const exportHtmlOptions: KnownOptions<ExportHtmlOptions> = {
  models: true,
  folds: true,
  checkpoint: true,
  voting: true,
  postprocessing: true,
  summary: true,
  asFolder: true,
};

/** Name of a folder's page. */
const indexName = "index.html";

/** Bytes that WebAssembly can address, in which a network, its weights and its results must fit. */
const ADDRESSED_BYTES = 2 ** 32;

/** Bytes within which a page says what made it. */
const HEAD_BYTES = 4096;

/** Bytes of a network in one element of a page: its text fits in a string, a multiple of base64's 3. */
const PART_BYTES = 48 * 2 ** 20;

/**
 * Exports trained models as a web page, which needs no installation: it opens from the disk in
 * current browsers and segments scans as `Predictor` does, but for voxels whose classes tie. Scans
 * stay on the reader's computer.
 *
 * The first page after an installation takes some seconds longer, for its scripts.
 *
 * @param path The HTML file to write or, with `asFolder`, the folder; one that was exported before is
 * replaced.
 * @param options The models, and how the page uses them.
 * @throws {TypeError} If an option is unknown, or the models are of different data sets.
 * @throws {RangeError} If there are no models.
 * @throws {UntrainedFoldsError} If a fold is not trained, or none is.
 * @throws {OpenModelError} If there is no model at a path.
 * @throws {MemoryError} If a network needs more memory than a page can have.
 * @throws {Error} If the first stage of a cascade is not trained, the scripts of the page cannot be
 * made, or the file or folder exists and is no page.
 *
 * @example A page of all folds of a model
 * ```ts ignore
 * import { exportHtml } from "nnunet";
 *
 * await exportHtml("hippocampus.html", { models: [trainer.modelFolder] });
 * ```
 */
export async function exportHtml(path: string, options: ExportHtmlOptions): Promise<void> {
  requireKnown(options, exportHtmlOptions, "export a page");
  const { models: paths, folds, checkpoint, voting = "soft", postprocessing = [] } = options;
  const { summary, asFolder = false } = options;
  if (paths.length === 0) {
    throw new RangeError("Cannot export a page: found no models, expected at least one");
  }
  if (await exists(path) && !await isPage(asFolder ? join(path, indexName) : path)) {
    throw new Error(
      `Cannot export a page: ${printable(path)} exists and is no exported page; choose another ` +
        (asFolder ? "folder" : "file, with a name that ends in .html"),
    );
  }
  const networks = new Map<string, Uint8Array<ArrayBuffer>>();
  const opened: OpenedModel[] = [];
  const members: PageModel[] = [];
  for (const path of paths) {
    const model = await openModel(path, { folds, checkpoint });
    opened.push(model);
    members.push(await addModel(model, networks));
  }
  requireOneDataset(opened, paths);
  const modelBytes = networks.values().reduce((sum, { length }) => sum + length, 0);
  const facts = await pageFacts(opened, modelBytes, summary);
  const manifest = { facts, members, voting, postprocessing, isFolder: asFolder };
  const parts = await pageParts();
  if (asFolder) await writeFolder(path, manifest, networks, parts);
  else await writePage(path, manifest, networks, parts);
}

/** Adds a model's networks, and those of the first stage of its cascade, under names of their own. */
async function addModel(
  model: OpenedModel,
  networks: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<PageModel> {
  requireAddressable(model);
  const firstStage = await firstStageOf(model);
  const names = model.models.map((bytes) => {
    const name = `network_${networks.size}.onnx`;
    networks.set(name, bytes);
    return name;
  });
  return { networks: names, ...firstStage && { firstStage: await addModel(firstStage, networks) } };
}

/** Opens the first stage of a cascade, with the same folds and checkpoint. */
async function firstStageOf(model: OpenedModel): Promise<OpenedModel | undefined> {
  const { configuration: { name, previousStage }, previousStageFolder, origin } = model;
  if (!previousStage) return undefined;
  try {
    if (!previousStageFolder) throw new Error(`found no folder of ${previousStage}`);
    const { folds, checkpoint } = origin;
    return await openModel(previousStageFolder, { folds, checkpoint });
  } catch (cause) {
    throw new Error(
      `Cannot export a page of ${name}: it needs its first stage, ${previousStage}, with the same ` +
        `folds, checkpoint and trainer: ${reasonOf(cause)}`,
      { cause },
    );
  }
}

/** @throws {MemoryError} If a model's networks need more memory than WebAssembly can address. */
function requireAddressable({ models, configuration }: OpenedModel): void {
  const requiredBytes = cpuWindowNeeds(models).networkBytes;
  if (requiredBytes <= ADDRESSED_BYTES) return;
  const remedy = models.length > 1 ? "export fewer folds" : "plan it with a smaller patch";
  throw new MemoryError("Cannot export a page", {
    what: `${configuration.name} with ${models.length === 1 ? "1 fold" : `${models.length} folds`}`,
    ...{ requiredBytes, availableBytes: ADDRESSED_BYTES, remedy },
  });
}

/** @throws {TypeError} If members cannot vote together. */
function requireOneDataset(members: readonly OpenedModel[], paths: readonly string[]): void {
  const kindOf = ({ datasetJson: { labels, regionsClassOrder, channelNames } }: OpenedModel) =>
    JSON.stringify([labels, regionsClassOrder, channelNames]);
  const other = members.findIndex((member) => kindOf(member) !== kindOf(members[0]));
  if (other < 0) return;
  throw new TypeError(
    `Cannot export a page: ${printable(paths[other])} has other labels or channels than ` +
      `${printable(paths[0])}, expected models of one data set`,
  );
}

async function isPage(file: string): Promise<boolean> {
  if (!await exists(file) || await isFolder(file)) return false;
  using opened = await OpenFile.read(file);
  const head = new Uint8Array(HEAD_BYTES); // A page with its networks may be longer than a string.
  const length = await opened.fill(head);
  return new TextDecoder().decode(head.subarray(0, length)).includes('content="nnunet ');
}

async function writePage(
  path: string,
  manifest: PageManifest,
  networks: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  parts: string,
): Promise<void> {
  const files: InlineFile[] = [];
  for (const name of partNames) {
    if (name === pageFileNames.page) continue;
    const base64 = [await readTextFile(join(parts, name + packedEnding))];
    files.push({ name, isPacked: true, base64 });
  }
  // Weights hardly become smaller, and packing them would take most of the time.
  for (const [name, bytes] of networks) {
    files.push({ name, isPacked: false, base64: inBase64(bytes) });
  }
  const script = await readTextFile(join(parts, pageFileNames.page));
  const encoder = new TextEncoder();
  await writeFileAtomically(
    path,
    inlinePage(manifest, files, script).map((text) => encoder.encode(text)),
  );
}

function* inBase64(bytes: Uint8Array): Generator<string> {
  for (let from = 0; from < bytes.length; from += PART_BYTES) {
    yield bytes.subarray(from, from + PART_BYTES).toBase64();
  }
}

async function writeFolder(
  path: string,
  manifest: PageManifest,
  networks: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  parts: string,
): Promise<void> {
  await writeFolderAtomically(path, async (folder) => {
    for (const name of partNames) await copyFile(join(parts, name), join(folder, name));
    for (const [name, bytes] of networks) await writeFile(join(folder, name), bytes);
    await writeTextFile(join(folder, indexName), pageOfFolder(manifest));
  }, { overwrite: true });
}
