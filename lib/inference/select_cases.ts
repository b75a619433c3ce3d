/** Decides which files of a folder are the cases that a model can predict. */

import type { TestCase } from "../dataset/case.ts";
import { CaseError } from "../dataset/case_error.ts";
import { readCaseFolder } from "../dataset/case_folder.ts";
import { stemFor } from "../dataset/channels.ts";
import type { DatasetJson } from "../files/dataset.ts";
import { channelFileName } from "../files/paths.ts";
import { describeIgnored, type IgnoredFile } from "../image/ignored_file.ts";
import { basename, join } from "../platform/paths.ts";
import { readScanHeader } from "./check_scan.ts";

/** The properties of a model that its cases' files depend on. */
export interface FolderFacts {
  readonly datasetJson: Pick<DatasetJson, "channelNames" | "fileEnding">;
}

/** The cases of a folder. */
export interface SelectedCases {
  /** Cases to predict, sorted by name. */
  readonly cases: readonly TestCase[];
  /** Cases that cannot be predicted, because files are missing or have other names. */
  readonly failures: readonly CaseError[];
  /** Files that belong to no case, and why. */
  readonly ignored: readonly IgnoredFile[];
  /** Names of the files that were taken although they have no channel number. */
  readonly unnumbered: readonly string[];
}

/**
 * Reads the cases of a folder for a model.
 *
 * Files without a channel number are cases if a file has all channels of the model, as every scan of
 * a model with one channel has. Otherwise, and if a channel is missing, the case fails.
 *
 * @throws {Error} If the folder does not exist, or has nothing that could be a case.
 */
export async function selectCases(folder: string, facts: FolderFacts): Promise<SelectedCases> {
  const { fileEnding, channelNames: { length: channels } } = facts.datasetJson;
  const found = await readCaseFolder(folder, fileEnding);
  const cases = [...found.cases];
  const failures = found.incomplete.map(({ name, images, missing }) =>
    failed(
      folder,
      name,
      `found ${images.map((path) => basename(path)).join(", ")}, but no ${missing}`,
    )
  );
  const names = new Set([...cases, ...found.incomplete].map(({ name }) => name));
  const unnumbered: string[] = [];
  const settled = new Set(found.incomplete.flatMap(({ images }) => images.map((p) => basename(p))));
  for (const file of found.unnumbered) {
    const name = stemFor(file, fileEnding)!;
    if (names.has(name)) continue; // It may be a label map beside the scan.
    settled.add(file);
    const path = join(folder, file);
    if (await holdsAllChannels(path, channels)) {
      cases.push({ name, images: [path] });
      unnumbered.push(file);
    } else {
      const ending = file.slice(name.length);
      failures.push(failed(folder, name, renaming(name, file, channels, ending)));
    }
  }
  const ignored = found.ignored.filter(({ path }) => !settled.has(path))
    .map((one) => found.unnumbered.includes(one.path) ? besideScan(one, fileEnding) : one);
  if (cases.length + failures.length === 0) {
    const others = ignored.length === 0
      ? "it is empty"
      : `found ${describeIgnored(ignored).join("; ")}`;
    throw new Error(
      `Cannot predict ${folder}: ${others}; expected scans that end in _0000${fileEnding}`,
    );
  }
  const byName = (a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1;
  return { cases: cases.sort(byName), failures, ignored, unnumbered };
}

/** Whether a file is a whole case. A file that cannot be read is, if it could be nothing else. */
async function holdsAllChannels(path: string, channels: number): Promise<boolean> {
  const header = await readScanHeader({ files: [path] });
  return header ? header.channels === channels : channels === 1;
}

function renaming(name: string, file: string, channels: number, fileEnding: string): string {
  const numbered = Array.from({ length: channels }, (_, i) => channelFileName(name, i, fileEnding));
  return `${file} has no channel number; rename ` +
    (channels === 1
      ? `it to ${numbered[0]}`
      : `the files of its ${channels} channels to ${numbered.join(", ")}`);
}

/** Explains a file whose name without a channel number is that of a case. */
function besideScan({ path }: IgnoredFile, fileEnding: string): IgnoredFile {
  const scan = channelFileName(stemFor(path, fileEnding)!, 0, fileEnding);
  return { path, reason: `the same case as ${scan}` };
}

function failed(folder: string, name: string, reason: string): CaseError {
  return new CaseError(name, `predict case "${name}" of ${folder}`, new Error(reason));
}
