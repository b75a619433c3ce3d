/**
 * Reads what describes a preprocessed case on disk, and checks that all its parts are there and
 * complete. Preprocessing, training and validation judge cases by this.
 */

import { z } from "../packages/zod.ts";
import type { Shape } from "../array/nd_array.ts";
import { reasonOf } from "../options/reason_of.ts";
import { readZarrLayout, type ZarrLayout } from "../interop/zarr_array.ts";
import { fileInfo, readFile } from "../platform/files.ts";
import { parseJson } from "../untrusted/json_text.ts";
import { schemaProblems } from "../untrusted/schema_problems.ts";
import { caseFiles, caseFormat } from "./case_files.ts";

/** Version of the format of preprocessed cases. */
export const CASE_VERSION = 2;

const shapeZyx = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);
const spacingZyx = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const axis = z.int().min(0).max(2);
const range = z.tuple([z.int().nonnegative(), z.int().positive()]);

const headerSchema = z.object({
  format: z.literal(caseFormat),
  version: z.literal(CASE_VERSION),
  /** Fingerprint of the inputs this case was made from; see {@link storedFingerprint}. */
  fingerprint: z.string().optional(),
  /** How it was made, see {@link recipeFingerprint}; older cases have none. */
  recipe: z.string().optional(),
  imageShape: z.tuple([z.int().positive(), ...shapeZyx.def.items]),
  labelType: z.enum(["int8", "int16"]).optional(),
  /** Spatial shape of the chunks of image and labels. */
  chunkShape: shapeZyx,
  /** Number of positions per label or region, in the order of the locations file. */
  locations: z.array(
    z.object({ label: z.union([z.int(), z.string()]), count: z.int().nonnegative() }),
  ),
  properties: z.object({
    geometry: z.object({
      shape: shapeZyx,
      spacing: spacingZyx,
      affine: z.array(z.number()).length(16),
      stored: z.object({
        shape: shapeZyx,
        spacing: spacingZyx,
        affine: z.array(z.number()).length(16),
        axes: z.tuple([axis, axis, axis]),
        flipped: z.tuple([z.boolean(), z.boolean(), z.boolean()]),
      }).optional(),
    }),
    shapeBeforeCropping: shapeZyx,
    cropBox: z.tuple([range, range, range]),
    shapeAfterCropping: shapeZyx,
    spacingAfterTransposing: spacingZyx,
  }),
});

/** The contents of a case's JSON file. */
export type CaseHeader = z.infer<typeof headerSchema>;

/** A complete case's header, and the layouts of its arrays. */
export interface StoredParts {
  readonly header: CaseHeader;
  readonly image: ZarrLayout;
  /** Absent for cases without ground truth. */
  readonly labels?: ZarrLayout;
}

/**
 * Reads a case's header, and checks its arrays, including the index of their chunks, and the size of
 * its locations.
 *
 * @throws {SyntaxError} If its JSON file does not describe a preprocessed case.
 * @throws {RangeError} If another part does not match it or is cut off.
 * @throws {Error} If a part is missing or cannot be read.
 */
export async function readParts(folder: string, name: string): Promise<StoredParts> {
  const header = await readHeader(folder, name);
  const { imageShape, labelType, chunkShape } = header;
  const paths = caseFiles(folder, name);
  const image: ZarrLayout = { type: "float32", shape: imageShape, chunkShape };
  const labels: ZarrLayout | undefined = labelType &&
    { type: labelType, shape: imageShape.slice(1), chunkShape };
  await requireArray(folder, name, paths.image, image);
  if (labels) await requireArray(folder, name, paths.labels, labels);
  const { size } = await fileInfo(paths.locations).catch((cause) =>
    fail(folder, name, paths.locations, cause)
  );
  const positions = header.locations.reduce((sum, { count }) => sum + count, 0);
  if (size !== positions * 3 * 4) {
    throw new RangeError(
      `${cannotRead(folder, name)}: ${paths.locations} has ${size} bytes, expected ` +
        `${positions * 3 * 4}`,
    );
  }
  return { header, image, labels };
}

/** Number of cases checked at once, since systems limit the number of open files. */
const AT_ONCE = 32;

/**
 * Finds the cases that cannot be used because a part is missing or damaged, or because they were made
 * by another recipe.
 *
 * @param recipe As {@link recipeFingerprint} returns it; any by default.
 * @returns What is wrong by name, in the order of the names; empty if all are complete.
 */
export async function incompleteCases(
  folder: string,
  names: readonly string[],
  recipe?: string,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  const check = async (name: string) => {
    const { header } = await readParts(folder, name);
    if (recipe === undefined || header.recipe === undefined || header.recipe === recipe) return;
    throw new RangeError(
      `${cannotRead(folder, name)}: it was preprocessed by other plans, with another spacing, ` +
        "normalisation, resampling or fingerprint of the data set",
    );
  };
  for (let first = 0; first < names.length; first += AT_ONCE) {
    await Promise.all(
      names.slice(first, first + AT_ONCE).map((name) =>
        check(name).catch((error) => void problems.set(name, reasonOf(error)))
      ),
    );
  }
  return new Map(names.flatMap((name) => {
    const problem = problems.get(name);
    return problem === undefined ? [] : [[name, problem]];
  }));
}

/** The fingerprint a case was written with; undefined if there is no complete case. */
export async function storedFingerprint(
  folder: string,
  name: string,
): Promise<string | undefined> {
  try {
    return (await readParts(folder, name)).header.fingerprint;
  } catch {
    return undefined; // Missing, foreign or damaged: the case must be preprocessed again.
  }
}

async function requireArray(folder: string, name: string, path: string, expected: ZarrLayout) {
  const found = await readZarrLayout(path).catch((cause) => fail(folder, name, path, cause));
  for (const key of ["type", "shape", "chunkShape"] as const) {
    if (same(found[key], expected[key])) continue;
    throw new RangeError(
      `${cannotRead(folder, name)}: ${path} has ${key} ${found[key]}, expected ${expected[key]}`,
    );
  }
}

function same(a: string | Shape, b: string | Shape): boolean {
  return `${a}` === `${b}`;
}

async function readHeader(folder: string, name: string): Promise<CaseHeader> {
  const path = caseFiles(folder, name).header;
  const text = new TextDecoder().decode(await readBytes(folder, name, path));
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new SyntaxError(`${cannotRead(folder, name)}: ${path} is not JSON`, { cause });
  }
  const header = headerSchema.safeParse(value);
  if (header.success) return header.data;
  throw new SyntaxError(
    `${cannotRead(folder, name)}: ${path} does not describe a preprocessed case: ` +
      schemaProblems(header.error),
  );
}

/** Reads one of a case's files. @throws {Error} If that fails; the message names case and file. */
export async function readBytes(folder: string, name: string, path: string) {
  try {
    return await readFile(path);
  } catch (cause) {
    fail(folder, name, path, cause);
  }
}

/** @throws {Error} Of the cause's kind, since kinds tell damage from absence. */
function fail(folder: string, name: string, path: string, cause: unknown): never {
  const reason = reasonOf(cause);
  const kind = [RangeError, SyntaxError].find((one) => cause instanceof one) ?? Error;
  const file = reason.includes(path) ? "" : `${path}: `;
  throw new kind(`${cannotRead(folder, name)}: ${file}${reason}`, { cause });
}

function cannotRead(folder: string, name: string) {
  return `Cannot read preprocessed case "${name}" in ${folder}`;
}
