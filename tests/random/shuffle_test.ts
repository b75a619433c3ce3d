import assert from "node:assert/strict";
import { createGenerator } from "../../lib/random/generator.ts";
import { shuffle } from "../../lib/random/shuffle.ts";

Deno.test("shuffle() exchanges entries from the last one to the second with drawn ones", () => {
  const asked: number[][] = [];
  const partners = [0, 2, 1];
  const list = shuffle(["a", "b", "c", "d"], {
    integer(low, high) {
      asked.push([low, high]);
      return partners[asked.length - 1];
    },
  });
  assert.deepEqual(asked, [[0, 4], [0, 3], [0, 2]]);
  assert.deepEqual(list, ["d", "b", "c", "a"]);
});

Deno.test("shuffle() keeps the order of draws that seeds of data and training rely on", () => {
  const generator = createGenerator(1);
  const inOrder = Uint8Array.from({ length: 8 }, (_, i) => i);
  assert.deepEqual([...shuffle(inOrder, generator)], [4, 2, 3, 1, 7, 6, 0, 5]);
});

Deno.test("shuffle() gives each of six orders equally often", () => {
  const generator = createGenerator(7);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffle([0, 1, 2], generator).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${count}`);
});
