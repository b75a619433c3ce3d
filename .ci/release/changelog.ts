/** The sections of CHANGELOG.md: `## Unreleased`, then `## 0.1.0 — 2026-11-26` and so on. */

/** A section of the changelog. */
interface Section {
  readonly title: string;
  /** Its text below the title. */
  readonly body: string;
}

/**
 * Turns the changes since the last release, the top section, into the section of a version.
 *
 * @param changelog Text of CHANGELOG.md.
 * @param date Of the release, YYYY-MM-DD.
 * @returns The new text.
 * @throws {Error} If the top section is not `Unreleased`, lists nothing, or the version has a section.
 */
export function releaseChanges(changelog: string, version: string, date: string): string {
  const sections = sectionsOf(changelog);
  const [top] = sections;
  if (top?.title !== "Unreleased") {
    throw new Error(`Its top section is "${top?.title ?? ""}", expected "Unreleased"`);
  }
  if (countChanges(top.body) === 0) throw new Error('"Unreleased" lists no changes');
  if (sections.some((section) => isOf(section, version))) {
    throw new Error(`It already has a section of ${version}`);
  }
  return changelog.replace(/^## Unreleased$/m, `## ${version} — ${date}`);
}

/**
 * Returns the changes in a release.
 *
 * @throws {Error} If the changelog has no section of the version, or it is not the top one.
 */
export function changesIn(changelog: string, version: string): string {
  const at = sectionsOf(changelog).findIndex((section) => isOf(section, version));
  if (at !== 0) {
    const found = at < 0 ? "none" : `number ${at + 1} from the top`;
    throw new Error(`CHANGELOG.md's section of ${version} is ${found}, expected the top one`);
  }
  return sectionsOf(changelog)[0].body;
}

/** Counts the entries of a section's text. */
export function countChanges(body: string): number {
  return body.match(/^- /gm)?.length ?? 0;
}

function sectionsOf(changelog: string): Section[] {
  return changelog.split(/^## /m).slice(1).map((text) => {
    const end = (text + "\n").indexOf("\n");
    return { title: text.slice(0, end).trim(), body: text.slice(end).trim() };
  });
}

function isOf({ title }: Section, version: string): boolean {
  return title.split(" ")[0] === version;
}
