/** What is known about a launch: `launch.json` in its folder. */

import { z } from "../packages/zod.ts";
import { writeJsonAtomically } from "../platform/atomic_write.ts";
import { exists } from "../platform/files.ts";
import { join } from "../platform/paths.ts";
import { readJson } from "../platform/read_text.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";
import { engineNames } from "./engine_name.ts";

/** Name of the file in the launch's folder. */
export const recordName = "launch.json";

const jobSchema = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  args: z.array(z.string()),
  saves: z.object({ folder: z.string(), files: z.string() }),
  training: z.object({
    fold: z.union([z.int(), z.literal("all")]),
    folder: z.string(),
  }).optional(),
});
const stageSchema = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string(),
  jobs: z.array(jobSchema).min(1),
  needs: z.array(z.string()),
  computes: z.boolean(),
  onlyIfPlanned: z.string().optional(),
});
const submissionSchema = z.object({
  stage: z.string(),
  places: z.array(z.int()),
  /** The scheduler's number of it. */
  id: z.string(),
  time: z.string(),
});
const recordSchema = z.object({
  version: z.literal(1),
  folder: z.string(),
  id: z.int(),
  dataset: z.string(),
  plansFile: z.string(),
  engine: z.enum(engineNames),
  /** Words that start `nnunet` where it was launched. */
  program: z.array(z.string()),
  variables: z.record(z.string(), z.string()),
  hasSetup: z.boolean(),
  resources: z.object({
    gpus: z.int(),
    cpus: z.int(),
    memoryBytes: z.number().optional(),
    seconds: z.number().optional(),
    graceSeconds: z.number(),
    maxParallel: z.int().optional(),
  }),
  /** More words for the scheduler. */
  engineArguments: z.array(z.string()),
  /** The user's template, for an engine that is described by one. */
  template: z.string().optional(),
  /** How jobs run in containers. */
  container: z.object({
    image: z.string(),
    claim: z.string(),
    mount: z.string(),
    namespace: z.string().optional(),
  }).optional(),
  stages: z.array(stageSchema),
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
  submissions: z.array(submissionSchema),
});

/** Jobs that were handed to a scheduler together. */
export type Submission = Readonly<z.infer<typeof submissionSchema>>;

/** What is known about a launch. */
export type LaunchRecord = Readonly<z.infer<typeof recordSchema>>;

/** Writes a launch's record to its folder. */
export async function writeRecord(record: LaunchRecord): Promise<void> {
  await writeJsonAtomically(join(record.folder, recordName), record);
}

/**
 * Reads a launch's record; undefined if the folder has none.
 *
 * @throws {Error} If it is damaged.
 */
export async function readRecord(folder: string): Promise<LaunchRecord | undefined> {
  const path = join(folder, recordName);
  if (!await exists(path)) return undefined;
  const parsed = recordSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new TypeError(`Cannot read ${path}: ${schemaProblems(parsed.error)}`);
}
