import assert from "node:assert/strict";
import { nameLabels } from "../../lib/dataset/label_names.ts";

Deno.test("nameLabels() keeps integers without gaps, in any order", () => {
  assert.deepEqual(nameLabels([0, 1, 2], { b: 2, background: 0, a: 1 }), {
    labels: { background: 0, a: 1, b: 2 },
  });
});

Deno.test("nameLabels() renumbers integers with gaps in ascending order, ignore last", () => {
  const { labels, replacements } = nameLabels([0, 5], { ignore: 2, b: 9, a: 5 });
  assert.deepEqual(labels, { background: 0, a: 1, b: 2, ignore: 3 });
  assert.deepEqual([...replacements!], [[0, 0], [5, 1], [9, 2], [2, 3]]);
});

Deno.test("nameLabels() allows classes that do not occur", () => {
  assert.deepEqual(nameLabels([0, 1], ["a", "b"]).labels, { background: 0, a: 1, b: 2 });
});

Deno.test("nameLabels() rejects ambiguous names and integers", () => {
  assert.throws(() => nameLabels([0], ["a", "a"]), /found "a" twice, expected unique names$/);
  assert.throws(() => nameLabels([0], ["ignore", "a"]), /more classes after "ignore", expected it/);
  assert.throws(
    () => nameLabels([0], { a: 3, b: 3 }),
    /found 3 twice, expected unique integers/,
  );
  assert.throws(() => nameLabels([0], { a: 1.5 }), /"a" is 1\.5, expected a positive integer$/);
  assert.throws(() => nameLabels([0]), /found only background, expected another label$/);
});

const tumour = { whole: [1, 2, 4], core: [1, 4], enhancing: 4, ignore: 3 };

Deno.test("nameLabels() renumbers the integers and the order of regions", () => {
  const named = nameLabels([0, 1, 2, 4], tumour, [2, 1, 4]);
  assert.deepEqual(named.labels, {
    background: 0,
    whole: [1, 2, 3],
    core: [1, 3],
    enhancing: 3,
    ignore: 4,
  });
  assert.deepEqual(named.regionsClassOrder, [2, 1, 3]);
  assert.deepEqual([...named.replacements!], [[0, 0], [1, 1], [2, 2], [4, 3], [3, 4]]);
});

Deno.test("nameLabels() keeps regions without gaps", () => {
  assert.deepEqual(nameLabels([0, 1], { background: 0, whole: [1, 2], core: [2] }, [1, 2]), {
    labels: { background: 0, whole: [1, 2], core: 2 },
    regionsClassOrder: [1, 2],
  });
});

Deno.test("nameLabels() rejects regions without a matching order", () => {
  assert.throws(
    () => nameLabels([0, 1], tumour),
    /`regionsClassOrder` has no entries, expected one integer for each of whole, core, enh/,
  );
  assert.throws(
    () => nameLabels([0, 1], tumour, [2, 1, 2]),
    /`regionsClassOrder` has 2 for region "enhancing", expected one of its integers, 4$/,
  );
  assert.throws(
    () => nameLabels([0, 1], { a: 1 }, [1]),
    /found `regionsClassOrder`, expected at least one class with several integers$/,
  );
  assert.throws(
    () => nameLabels([0, 7], tumour, [2, 1, 4]),
    /found 7 in the files, expected only the integers of the classes, 1, 2, 4, 3$/,
  );
  assert.throws(
    () => nameLabels([0], { a: [1, 2], ignore: 2 }, [1]),
    /"a" has 2, expected it only in "ignore"$/,
  );
  assert.throws(
    () => nameLabels([0], { a: [1, 2], ignore: [3, 4] }, [1]),
    /"ignore" is 3, 4, expected one integer$/,
  );
  assert.throws(() => nameLabels([0], { a: [0, 1] }, [1]), /"a" is 0, expected a positive integer/);
});

Deno.test("nameLabels() explains black-and-white masks", () => {
  assert.throws(() => nameLabels([0, 255]), {
    message: "Cannot name labels: found 0, 255, expected 0, 1, 2, … without gaps; this is a " +
      "black-and-white mask; pass `classes: { NAME: 255 }` to name its foreground and renumber " +
      "it as 1",
  });
  assert.throws(() => nameLabels([0, 255], ["brain"]), /pass `classes: \{ brain: 255 \}` to name/);
  const { labels, replacements } = nameLabels([0, 255], { brain: 255 });
  assert.deepEqual(labels, { background: 0, brain: 1 });
  assert.equal(replacements!.get(255), 1);
});

Deno.test("nameLabels() names the cases with labels that others do not have", () => {
  const found = [0, 1, 2, 7];
  const cases = new Map([[0, ["a", "b"]], [1, ["a", "b"]], [2, ["b"]], [7, ["b"]]]);
  assert.throws(() => nameLabels(found, undefined, undefined, cases), {
    message: "Cannot name labels: found 0, 1, 2, 7 (7 only in b), expected 0, 1, 2, … without " +
      "gaps; pass `classes` with their integers to renumber them, such as " +
      "`classes: { label_1: 1, label_2: 2, label_7: 7 }`",
  });
  assert.throws(
    () => nameLabels(found, ["grey matter", "b"], undefined, cases),
    /found 0, 1, 2, 7 \(7 only in b\), .*such as `classes: \{ "grey matter": 1, b: 2, label_7: 7 \}`$/,
  );
  assert.throws(
    () => nameLabels(found, { a: 1, b: 2 }, undefined, cases),
    /found 7 in the files \(7 only in b\), expected only the integers of the classes, 1, 2$/,
  );
  assert.throws(
    () => nameLabels(found, { a: [1, 2], b: 2 }, [1, 2], cases),
    /found 7 in the files \(7 only in b\), /,
  );
});
