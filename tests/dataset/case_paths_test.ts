import assert from "node:assert/strict";
import { expandVariables, resolveListedCases } from "../../lib/dataset/case_paths.ts";

const variables = (name: string) => ({ DATA: "/scans", SUB: "labelsTr" } as const)[name];

Deno.test("expandVariables() replaces both spellings and keeps names without a value", () => {
  assert.equal(
    expandVariables("$DATA/${SUB}/$NONE/${}/5$", variables),
    "/scans/labelsTr/$NONE/${}/5$",
  );
});

Deno.test("resolveListedCases() resolves relative and absolute paths and variables, sorted by name", () => {
  const cases = resolveListedCases("/raw/Dataset004_A", {
    b: { images: ["x/../imagesTr/b.nii", "${DATA}/b.nii"], label: "$SUB/b.nii" },
    a: { images: ["/elsewhere/a.nii", "..a.nii"], label: "./labelsTr/a.nii" },
  }, variables);
  assert.deepEqual(cases, [
    {
      name: "a",
      images: ["/elsewhere/a.nii", "/raw/Dataset004_A/..a.nii"],
      label: "/raw/Dataset004_A/labelsTr/a.nii",
    },
    {
      name: "b",
      images: ["/raw/Dataset004_A/imagesTr/b.nii", "/scans/b.nii"],
      label: "/raw/Dataset004_A/labelsTr/b.nii",
    },
  ]);
});

Deno.test("resolveListedCases() lists paths that leave the folder and unset variables", () => {
  const listed = {
    a: { images: ["imagesTr/../../a.nii"] as const, label: "$LABELS/a.nii" },
    b: { images: ["$SUB/../../b.nii"] as const, label: ".." },
  };
  assert.throws(() => resolveListedCases("/raw/Dataset004_A", listed, variables), {
    name: "RangeError",
    message: "Cannot use /raw/Dataset004_A/dataset.json: " + [
      'dataset.a.images.0 is "imagesTr/../../a.nii", expected an absolute path or one that stays in the folder',
      'dataset.a.label is "$LABELS/a.nii", expected LABELS to be set',
      'dataset.b.images.0 is "$SUB/../../b.nii", expected an absolute path or one that stays in the folder',
      'dataset.b.label is "..", expected an absolute path or one that stays in the folder',
    ].join("; "),
  });
});
