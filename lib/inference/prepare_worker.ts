/** Runs in a worker, reads cases and resamples them to the plan's grid. */

import { type NdArray, sameShape } from "../array/nd_array.ts";
import type { Image, Segmentation } from "../image/image.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import { readerOf } from "../image/reader.ts";
import { reorientImage, reorientSegmentation } from "../image/reorient.ts";
import type { ModelFacts } from "../model/model_facts.ts";
import { appendPreviousStage } from "../preprocessing/cascade_input.ts";
import { openLabelMap } from "../preprocessing/label_map_storage.ts";
import { preprocessCase } from "../preprocessing/preprocess_case.ts";
import type { CaseProperties } from "../preprocessing/preprocessed_case.ts";
import { readCase } from "../preprocessing/storage.ts";
import { serve, Transferred } from "../runtime/remote.ts";
import { checkOf, type StopFlag } from "../runtime/stop_flag.ts";
import type { CaseJob } from "./case_job.ts";
import { requireChannels } from "./check_scan.ts";

/** A network's input, and the properties that map its output back to the scan. */
export interface PreparedCase {
  /** (c, z, y, x) on the plan's grid. */
  readonly data: NdArray<Float32Array<ArrayBuffer>>;
  readonly properties: CaseProperties;
}

let facts: ModelFacts;
let threads: number | undefined;

const api = {
  open(given: ModelFacts, numberOfThreads: number | undefined): void {
    facts = given;
    threads = numberOfThreads;
  },

  /** Reads and preprocesses a case; throws between two steps once the flag is raised. */
  async prepare(job: CaseJob, stop: StopFlag) {
    const prepared = "preprocessedFolder" in job.source
      ? await prepareStored(job, job.source.preprocessedFolder)
      : await prepareScan(job, stop);
    return new Transferred<PreparedCase>(prepared, [prepared.data.data.buffer]);
  },
};

async function prepareStored(
  { name, previousStage }: CaseJob,
  folder: string,
): Promise<PreparedCase> {
  const { data, properties } = await readCase(folder, name);
  const { previousStageLabels: labels } = facts;
  if (!labels) return { data, properties };
  if (!previousStage || !("labelMapFolder" in previousStage)) throw missingPreviousStage(name);
  const map = (await openLabelMap(previousStage.labelMapFolder, name)).read();
  return { data: appendPreviousStage(data, map, labels), properties };
}

async function prepareScan(job: CaseJob, stop: StopFlag): Promise<PreparedCase> {
  const { name } = job;
  const image = await imageOf(job, facts.plansData.imageReaderWriter);
  const { plansData, configuration, previousStageLabels } = facts;
  requireChannels(name, image.channels, facts);
  const previous = previousStageLabels && await previousStageOf(job, image);
  const { data, segmentation, properties } = await preprocessCase({
    name,
    image,
    segmentation: previous,
    plansData,
    configuration,
    labels: [],
    threads,
    signal: checkOf(stop),
  });
  if (!previousStageLabels) return { data, properties };
  return { data: appendPreviousStage(data, segmentation!, previousStageLabels), properties };
}

/** The scan as the plans' reader returns it, also if it is in memory. */
async function imageOf({ name, source }: CaseJob, reader: string): Promise<Image> {
  if ("image" in source) return reorientImage(source.image, readerOf(reader, name), name);
  if ("files" in source) {
    return await readImage(source.files, { reader, series: source.series });
  }
  throw new TypeError("Cannot predict: found a preprocessed case, expected a scan");
}

async function previousStageOf(
  { name, previousStage }: CaseJob,
  { geometry }: Image,
): Promise<Segmentation> {
  if (!previousStage || "labelMapFolder" in previousStage) throw missingPreviousStage(name);
  const reader = facts.plansData.imageReaderWriter;
  const previous = "file" in previousStage
    ? await readSegmentation(previousStage.file, { reader })
    : reorientSegmentation(previousStage.segmentation, readerOf(reader, name), name);
  if (!sameShape(previous.geometry.shape, geometry.shape)) {
    throw new TypeError(
      `Cannot predict "${name}": the previous stage's segmentation is ` +
        `${previous.geometry.shape.join(" × ")} voxels, expected ${geometry.shape.join(" × ")}`,
    );
  }
  return previous;
}

function missingPreviousStage(name: string) {
  return new TypeError(
    `Cannot predict "${name}": found no segmentation of the previous stage, expected one`,
  );
}

/** The functions that the worker serves. */
export type PrepareApi = typeof api;

serve(api);
