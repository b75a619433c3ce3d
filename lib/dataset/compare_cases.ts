/** Compares cases with each other. */

import type { ImageTraits, Problem } from "./check_case.ts";

/** A case whose files have been checked. */
export interface CheckedCase {
  readonly name: string;
  readonly images: readonly ImageTraits[];
  /** Whether it is a test case. */
  readonly test: boolean;
}

/** Warns of duplicate images, unusual voxel axes, and cases for both training and test. */
export function compareCases(cases: readonly CheckedCase[]): Problem[] {
  return [...repeatedNames(cases), ...repeatedImages(cases), ...unusualAxes(cases)];
}

function repeatedNames(cases: readonly CheckedCase[]): Problem[] {
  const training = new Set(cases.filter(({ test }) => !test).map(({ name }) => name));
  return cases.filter(({ name, test }) => test && training.has(name)).map(({ name }) => ({
    severity: "warning",
    kind: "training and test",
    case: name,
    message: "found among training and test cases, expected one of them",
  }));
}

function repeatedImages(cases: readonly CheckedCase[]): Problem[] {
  const problems: Problem[] = [];
  const fileByContent = new Map<string, string>();
  for (const { name, images } of cases) {
    for (const { file, content } of images) {
      if (content === undefined) continue;
      const first = fileByContent.get(content);
      if (first === undefined) fileByContent.set(content, file);
      else {
        problems.push({
          severity: "warning",
          kind: "duplicate",
          case: name,
          file,
          message: `has the same voxels as ${first}, expected another image`,
        });
      }
    }
  }
  return problems;
}

function unusualAxes(cases: readonly CheckedCase[]): Problem[] {
  const counts = new Map<string, number>();
  const readable = cases.filter(({ images }) => images.length > 0);
  for (const { images: [{ axes }] } of readable) counts.set(axes, (counts.get(axes) ?? 0) + 1);
  const [common, count] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return readable.filter(({ images: [{ axes }] }) => axes !== common)
    .map(({ name, images: [{ file, axes }] }) => ({
      severity: "warning",
      kind: "axes",
      case: name,
      file,
      message: `voxel axes are ${axes}, expected ${common} as in ${count} of ` +
        `${readable.length} cases`,
    }));
}
