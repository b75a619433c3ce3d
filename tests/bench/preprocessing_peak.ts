/**
 * Preprocesses one case and prints the peak memory above the idle process's, in bytes. This is a
 * program because a process's peak is never reset.
 */

import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import { preprocessCase } from "../../lib/preprocessing/preprocess_case.ts";
import type { PreprocessJob } from "../../lib/preprocessing/preprocess_worker.ts";
import { resampleImage } from "../../lib/preprocessing/resample.ts";
import { writeCase } from "../../lib/preprocessing/storage.ts";
import { processMemory } from "./process_memory.ts";

const job: PreprocessJob = JSON.parse(Deno.args[0]);
// Loads ONNX Runtime.
const tiny = { shape: [1, 8, 8, 8], data: new Float32Array(512) };
await resampleImage(tiny, [9, 9, 9], [1, 1, 1], [0.9, 0.9, 0.9], { threads: job.threads });
const idle = processMemory("VmRSS");
const image = await readImage(job.images);
const segmentation = await readSegmentation(job.label!);
const preprocessed = await preprocessCase({ ...job, image, segmentation });
await writeCase(job.folder, preprocessed);
console.log(processMemory("VmHWM") - idle);
