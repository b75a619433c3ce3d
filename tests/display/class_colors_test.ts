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

Deno.test("classColor() gives the colours of Okabe and Ito's palette, white for black", () => {
  assert.deepEqual(Array.from({ length: 8 }, (_, index) => hexOf(classColor(index))), [
    "#e69f00",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#cc79a7",
    "#d55e00",
    "#0072b2",
    "#ffffff",
  ]);
});

Deno.test("classColor() continues with hues a golden angle apart, of three lightnesses", () => {
  // culori 4.0.2 gives these for oklch(0.86 0.13 20), oklch(0.72 0.13 157.508) and so on, clipped.
  assert.deepEqual(Array.from({ length: 7 }, (_, index) => hexOf(classColor(8 + index))), [
    "#ffadae",
    "#52bd84",
    "#7b62b8",
    "#ffc36a",
    "#00bad1",
    "#aa5182",
    "#bde07f",
  ]);
});
