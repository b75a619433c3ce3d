import assert from "node:assert/strict";
import { changesIn, countChanges, releaseChanges } from "../../.ci/release/changelog.ts";

const changelog = `# Changelog

User-visible changes, newest first.

## Unreleased

### Added

- A command, described
  on two lines.

### Fixed

- A fault.

## 0.1.0 — 2026-11-26

- Everything.
`;

Deno.test("releaseChanges() turns the unreleased changes into a version's and keeps the rest", () => {
  const released = releaseChanges(changelog, "0.2.0", "2026-12-01");
  assert.equal(released, changelog.replace("## Unreleased", "## 0.2.0 — 2026-12-01"));
});

Deno.test("releaseChanges() says what is missing or has been released", () => {
  const refuses = (text: string, message: string, version = "0.2.0") =>
    assert.throws(() => releaseChanges(text, version, "2026-12-01"), { message });
  refuses(
    releaseChanges(changelog, "0.2.0", "2026-12-01"),
    'Its top section is "0.2.0 — 2026-12-01", expected "Unreleased"',
  );
  refuses("# Changelog\n", 'Its top section is "", expected "Unreleased"');
  refuses(changelog.replaceAll(/^- A/gm, "A"), '"Unreleased" lists no changes');
  refuses(changelog, "It already has a section of 0.1.0", "0.1.0");
});

Deno.test("changesIn() gives the text of the newest release, and of no other", () => {
  const released = releaseChanges(changelog, "0.2.0", "2026-12-01");
  const changes = changesIn(released, "0.2.0");
  assert.equal(
    changes,
    "### Added\n\n- A command, described\n  on two lines.\n\n### Fixed\n\n- A fault.",
  );
  assert.equal(countChanges(changes), 2);
  assert.throws(() => changesIn(released, "0.1.0"), {
    message: "CHANGELOG.md's section of 0.1.0 is number 2 from the top, expected the top one",
  });
  assert.throws(() => changesIn(released, "0.3.0"), { message: /of 0.3.0 is none, expected/ });
});
