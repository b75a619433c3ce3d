import assert from "node:assert/strict";
import { classColor, hexOf } from "../../lib/display/class_colors.ts";

Deno.test("classColor() starts with Okabe and Ito's orange and sky blue", () => {
  assert.deepEqual([classColor(0), classColor(1)].map(hexOf), ["#e69f00", "#56b4e9"]);
});

Deno.test("classColor() gives a hundred classes distinct colours, none too dark for a scan", () => {
  const colors = Array.from({ length: 100 }, (_, index) => classColor(index));
  assert.equal(new Set(colors.map(hexOf)).size, 100);
  for (const color of colors) {
    assert.ok(color.every((part) => Number.isInteger(part) && part >= 0 && part <= 255));
    assert.ok(Math.max(...color) > 110, hexOf(color));
  }
});
