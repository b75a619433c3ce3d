import assert from "node:assert/strict";
import { nameLabels } from "../../lib/dataset/label_names.ts";

Deno.test("nameLabels() keeps integers that leave no gap, whatever their order", () => {
  assert.deepEqual(nameLabels([0, 1, 2], { b: 2, background: 0, a: 1 }), {
    labels: { background: 0, a: 1, b: 2 },
  });
});

Deno.test("nameLabels() numbers integers with gaps in their order, ignore last", () => {
  const { labels, replacements } = nameLabels([0, 5], { ignore: 2, b: 9, a: 5 });
  assert.deepEqual(labels, { background: 0, a: 1, b: 2, ignore: 3 });
  assert.deepEqual([...replacements!], [[0, 0], [5, 1], [9, 2], [2, 3]]);
});

Deno.test("nameLabels() allows classes that no file shows", () => {
  assert.deepEqual(nameLabels([0, 1], ["a", "b"]).labels, { background: 0, a: 1, b: 2 });
});

Deno.test("nameLabels() refuses names and integers that are ambiguous", () => {
  assert.throws(() => nameLabels([0], ["a", "a"]), /found "a" twice, expected different names$/);
  assert.throws(() => nameLabels([0], ["ignore", "a"]), /more classes after "ignore", expected it/);
  assert.throws(
    () => nameLabels([0], { a: 3, b: 3 }),
    /found 3 twice, expected different integers/,
  );
  assert.throws(() => nameLabels([0], { a: 1.5 }), /"a" is 1\.5, expected a positive integer$/);
  assert.throws(() => nameLabels([0]), /found only background, expected another label$/);
});

const tumour = { whole: [1, 2, 4], core: [1, 4], enhancing: 4, ignore: 3 };

Deno.test("nameLabels() numbers the integers of regions anew and their order with them", () => {
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

Deno.test("nameLabels() leaves regions without gaps as they are", () => {
  assert.deepEqual(nameLabels([0, 1], { background: 0, whole: [1, 2], core: [2] }, [1, 2]), {
    labels: { background: 0, whole: [1, 2], core: 2 },
    regionsClassOrder: [1, 2],
  });
});

Deno.test("nameLabels() refuses regions without a fitting order", () => {
  assert.throws(
    () => nameLabels([0, 1], tumour),
    /order of regions has no entries, expected an integer to paint for each of whole, core, enh/,
  );
  assert.throws(
    () => nameLabels([0, 1], tumour, [2, 1, 2]),
    /region "enhancing" is to be painted as 2, expected one of its integers, 4$/,
  );
  assert.throws(
    () => nameLabels([0, 1], { a: 1 }, [1]),
    /found an order of regions, expected a class of several integers$/,
  );
  assert.throws(
    () => nameLabels([0, 7], tumour, [2, 1, 4]),
    /found 7 in the files, expected only the integers of the classes, 1, 2, 4, 3$/,
  );
  assert.throws(
    () => nameLabels([0], { a: [1, 2], ignore: 2 }, [1]),
    /"a" has 2, expected it under "ignore" alone$/,
  );
  assert.throws(
    () => nameLabels([0], { a: [1, 2], ignore: [3, 4] }, [1]),
    /"ignore" is 3, 4, expected one integer$/,
  );
  assert.throws(() => nameLabels([0], { a: [0, 1] }, [1]), /"a" is 0, expected a positive integer/);
});

Deno.test("nameLabels() explains masks of black and white", () => {
  const note = /found 0, 255 \(a mask of black and white; name its foreground as \{ NAME: 255 \}/;
  assert.throws(() => nameLabels([0, 255]), note);
  assert.throws(() => nameLabels([0, 255], ["brain"]), note);
  const { labels, replacements } = nameLabels([0, 255], { brain: 255 });
  assert.deepEqual(labels, { background: 0, brain: 1 });
  assert.equal(replacements!.get(255), 1);
});
