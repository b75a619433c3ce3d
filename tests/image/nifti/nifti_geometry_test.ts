/** Compares the grids of NIfTI headers with SimpleITK's and nibabel's. */

import assert from "node:assert/strict";
import { type NiftiForms, niftiGeometry } from "../../../lib/image/nifti/nifti_geometry.ts";

import { reorientGrid } from "../../../lib/image/reorient.ts";
import type { Geometry } from "../../../lib/image/image.ts";
import golden from "../../golden/nifti_geometry.json" with { type: "json" };

interface Result {
  readonly spacing: readonly (number | string)[];
  readonly affine: readonly (number | string)[];
  readonly axes?: readonly number[];
  readonly flipped?: readonly boolean[];
}

type GoldenCase = typeof golden.cases[number];

const results = golden.results as readonly Result[];

for (const [library, convention] of [["itk", "ITK"], ["nibabel", "nibabel"]] as const) {
  Deno.test(`niftiGeometry() resolves ${golden.cases.length} headers as ${convention} does`, () => {
    for (const one of golden.cases) {
      const index = one[library];
      const forms = formsOf(one);
      const read = () => niftiGeometry(forms, convention, "a.nii");
      const isFound = typeof index === "number" &&
        results[index].affine.map(Number).every(isFinite);
      if (convention === "ITK" && !isFound && isUnfinishedByItk(forms)) {
        assert.deepEqual(read(), niftiGeometry({ ...forms, sformCode: 0 }, convention, "a.nii"));
      } else compare(read, typeof index === "number" ? index : null, one);
    }
  });
}

Deno.test("reorientGrid() turns these grids as nnU-Net's reader with nibabel does", () => {
  for (const one of golden.cases) {
    if (one.matrix === "one column") continue; // Which axis comes first depends on rounding.
    // A spacing that is not finite is refused, even if nibabel would replace it in the end.
    if (!formsOf(one).pixDims.slice(1).every(Number.isFinite)) continue;
    const expected = one.reoriented === null ? undefined : results[one.reoriented];
    const found = compare(
      () => {
        const geometry = niftiGeometry(formsOf(one), "nibabel", "a.nii");
        return reorientGrid(geometry, { convention: "nibabel", reorients: true }, "a.nii");
      },
      one.reoriented,
      one,
    );
    if (!found) continue;
    assert.deepEqual(found.stored!.axes, expected!.axes, describe(one));
    assert.deepEqual(found.stored!.flipped, expected!.flipped, describe(one));
  }
});

/**
 * Whether a header has a qform and a sform that is not finite. ITK 5.4 ignores such a sform, returns it,
 * fails or never returns, as its decomposition happens to end; here it is always ignored.
 */
function isUnfinishedByItk({ sformCode, sform, qformCode }: NiftiForms): boolean {
  return sformCode > 0 && qformCode > 0 && !sform.every(Number.isFinite);
}

/** Requires the same grid, or an error where the library has none or one that is not finite. */
function compare(read: () => Geometry, index: number | null, one: GoldenCase) {
  const expected = index === null ? undefined : results[index];
  let found: Geometry | undefined;
  let message: string | undefined;
  try {
    found = read();
  } catch (error) {
    message = (error as Error).message;
  }
  const numbers = [...expected?.spacing ?? [], ...expected?.affine ?? []].map(Number);
  if (!expected || !numbers.every(Number.isFinite)) {
    assert.equal(found, undefined, describe(one));
    assert.match(message!, /^Cannot (read|reorient) a\.nii: .*expected /, describe(one));
    return;
  }
  assert.ok(found, `${describe(one)}: ${message}, expected ${JSON.stringify(expected)}`);
  assertClose([...found.spacing].reverse(), expected.spacing.map(Number).map(Math.abs), one);
  assertClose(found.affine.slice(0, 12), expected.affine.map(Number), one);
  return found;
}

/** Tolerates the rounding of single precision, in which ITK computes. */
function assertClose(found: readonly number[], expected: readonly number[], one: GoldenCase) {
  const size = Math.max(1e-3, ...expected.map(Math.abs));
  for (const [i, value] of found.entries()) {
    if (Math.abs(value - expected[i]) <= 1e-6 * size) continue;
    assert.fail(`${describe(one)}: found ${found}, expected ${expected}`);
  }
}

function describe({ sform, qform, quaternion, matrix, pixdim, units }: GoldenCase): string {
  return `sform ${sform} ${matrix}, qform ${qform} ${quaternion}, pixdim ${pixdim}, units ${units}`;
}

function formsOf({ sform, qform, quaternion, matrix, pixdim, units }: GoldenCase): NiftiForms {
  const numbers = (values: readonly (number | string)[]) =>
    values.map((value) => Math.fround(Number(value === "inf" ? Infinity : value)));
  const named = (table: object, name: string) => numbers((table as Record<string, number[]>)[name]);
  return {
    dims: [3, ...golden.shape],
    pixDims: named(golden.pixdims, pixdim),
    sformCode: sform,
    sform: named(golden.sforms, matrix),
    qformCode: qform,
    quaternion: named(golden.quaternions, quaternion) as never,
    offset: golden.offset as never,
    spatialUnit: units & 7,
  };
}
