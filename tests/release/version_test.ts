import assert from "node:assert/strict";
import { compareVersions, nextVersion } from "../../.ci/release/version.ts";

Deno.test("nextVersion() raises a part and sets those after it to zero", () => {
  assert.equal(nextVersion("1.2.3", "major"), "2.0.0");
  assert.equal(nextVersion("1.2.3", "minor"), "1.3.0");
  assert.equal(nextVersion("1.2.3", "patch"), "1.2.4");
});

Deno.test("nextVersion() takes any later version, in the order of numbers", () => {
  assert.equal(nextVersion("0.9.0", "0.10.0"), "0.10.0");
  for (const earlier of ["0.9.0", "0.8.9", "0.0.10"]) {
    assert.throws(() => nextVersion("0.9.0", earlier), {
      name: "RangeError",
      message: `Cannot release ${earlier}: expected a version after 0.9.0`,
    });
  }
});

Deno.test("nextVersion() names a text that is no version", () => {
  for (const text of ["1.2", "v1.2.3", "1.2.3-rc.1", "01.2.3", "next"]) {
    assert.throws(() => nextVersion("0.1.0", text), {
      message: `Cannot release ${text}: expected a version like 1.2.3, or major, minor, patch`,
    });
  }
});

Deno.test("compareVersions() orders by the first part that differs", () => {
  const versions = ["1.10.0", "1.2.10", "2.0.0", "1.2.9", "1.10.0"];
  assert.deepEqual(versions.toSorted(compareVersions), [
    "1.2.9",
    "1.2.10",
    "1.10.0",
    "1.10.0",
    "2.0.0",
  ]);
});
