import assert from "node:assert/strict";
import {
  asOwnArguments,
  commaList,
  parseDatasetId,
  parseFold,
  plansName,
  positiveNumber,
  wholeNumber,
} from "../../lib/cli/arguments.ts";

Deno.test("asOwnArguments() adds the second dash to nnU-Net's long options", () => {
  assert.deepEqual(
    asOwnArguments(["predict", "-d", "4", "-step_size", "0.5", "--chk", "x-y.pth", "-1", "-np"]),
    ["predict", "-d", "4", "--step_size", "0.5", "--chk", "x-y.pth", "-1", "--np"],
  );
  assert.deepEqual(
    asOwnArguments(["predict", "-step_size=0.5", "-f0", "-d=4", "-o", "a=b"]),
    ["predict", "--step_size=0.5", "-f0", "-d=4", "-o", "a=b"],
  );
});

Deno.test("asOwnArguments() understands the names of nnU-Net's programs", () => {
  assert.deepEqual(asOwnArguments(["nnUNetv2_train", "nnUNetv2_x"]), ["train", "nnUNetv2_x"]);
  assert.deepEqual(asOwnArguments(["help", "nnUNetv2_train"]), ["help", "train"]);
});

Deno.test("wholeNumber() accepts whole numbers of at least the lowest", () => {
  assert.equal(wholeNumber("--n")("0"), 0);
  assert.equal(wholeNumber("--n", 1)("12"), 12);
  for (const text of ["0", "-1", "1.5", "many", "", " "]) {
    assert.throws(() => wholeNumber("--n", 1)(text), {
      name: "RangeError",
      message: `Cannot use --n ${text}: expected a whole number of at least 1`,
    });
  }
});

Deno.test("positiveNumber() accepts numbers above 0", () => {
  assert.equal(positiveNumber("--gb")("0.5"), 0.5);
  for (const text of ["0", "-2", "Infinity", "much"]) {
    assert.throws(() => positiveNumber("--gb")(text), {
      name: "RangeError",
      message: `Cannot use --gb ${text}: expected a number above 0`,
    });
  }
});

Deno.test("commaList() trims words and drops empty ones", () => {
  assert.deepEqual(commaList("background, white matter,,gray "), [
    "background",
    "white matter",
    "gray",
  ]);
});

Deno.test("parseFold() accepts numbers and all", () => {
  assert.equal(parseFold("all"), "all");
  assert.equal(parseFold("3"), 3);
  for (const text of ["-1", "1.5", "ALL", ""]) {
    assert.throws(() => parseFold(text), {
      name: "RangeError",
      message: `Cannot use fold ${text}: expected 0, 1, 2, … or all`,
    });
  }
});

Deno.test("parseDatasetId() accepts numbers and names", () => {
  assert.equal(parseDatasetId("4"), 4);
  assert.equal(parseDatasetId("Dataset004_Hippocampus"), 4);
  for (const text of ["0", "-1", "1.5", "Hippocampus", ""]) {
    assert.throws(() => parseDatasetId(text), {
      name: "RangeError",
      message: `Cannot use data set ${text}: expected a number of at least 1, or a name like ` +
        "Dataset004_Name",
    });
  }
});

Deno.test("plansName() accepts names of files", () => {
  assert.equal(plansName("--plans_name")("own plans"), "own plans");
  assert.throws(() => plansName("--plans_name")("a/b c"), {
    message:
      'Cannot use --plans_name: the name of the plans is "a/b c", expected a valid file name',
  });
});
