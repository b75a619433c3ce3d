/** Version numbers of releases: MAJOR.MINOR.PATCH. */

/** Parts of a version that a release can raise. */
export const raises = ["major", "minor", "patch"] as const;

const pattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/**
 * Returns the version of the next release.
 *
 * @param current The version of the last release.
 * @param wanted A version, or the part of the current one to raise.
 * @throws {RangeError} If it is no version, or does not follow the current one.
 */
export function nextVersion(current: string, wanted: string): string {
  const [major, minor, patch] = numbersOf(current);
  if (wanted === "major") return `${major + 1}.0.0`;
  if (wanted === "minor") return `${major}.${minor + 1}.0`;
  if (wanted === "patch") return `${major}.${minor}.${patch + 1}`;
  if (compareVersions(wanted, current) <= 0) {
    throw new RangeError(`Cannot release ${wanted}: expected a version after ${current}`);
  }
  return wanted;
}

/** Orders versions: negative if `a` is before `b`. @throws {RangeError} If one is no version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const differing = left.findIndex((number, i) => number !== right[i]);
  return differing < 0 ? 0 : left[differing] - right[differing];
}

function numbersOf(version: string): number[] {
  const match = pattern.exec(version);
  if (match) return match.slice(1).map(Number);
  throw new RangeError(
    `Cannot release ${version}: expected a version like 1.2.3, or ${raises.join(", ")}`,
  );
}
