import assert from "node:assert/strict";
import { classColor, type Rgb } from "../../lib/display/class_colors.ts";
import { errorColors, type ErrorKind, isOnStripe, paintErrors } from "../../lib/display/overlay.ts";

const kinds = Object.keys(errorColors) as ErrorKind[];

/** Converts sRGB to Oklab, in which distances are as large as differences look. */
function oklabOf(color: Rgb): number[] {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

function difference(a: Rgb, b: Rgb): number {
  const [left, right] = [oklabOf(a), oklabOf(b)];
  return Math.hypot(...left.map((part, i) => part - right[i]));
}

Deno.test("the colours of errors look like no class of the palette, nor like each other", () => {
  for (const kind of kinds) {
    const color = errorColors[kind];
    for (let label = 0; label < 8; label++) {
      assert.ok(difference(color, classColor(label)) > 0.15, `${kind} and class ${label}`);
    }
    for (const other of kinds) {
      if (other !== kind) assert.ok(difference(color, errorColors[other]) > 0.15);
    }
  }
});

Deno.test("paintErrors() hatches each kind in its own direction, with no pixel left out", () => {
  const [width, height] = [16, 16];
  const plane = (label: number) => ({ width, height, data: new Float32Array(256).fill(label) });
  const labels: Record<ErrorKind, [truth: number, prediction: number]> = {
    missed: [1, 0],
    added: [0, 1],
    "wrong class": [1, 2],
  };
  const patterns = kinds.map((kind) => {
    const picture = { width, height, data: new Uint8Array(4 * 256) };
    paintErrors(picture, plane(labels[kind][0]), plane(labels[kind][1]), () => false);
    const brightest = Math.max(...errorColors[kind]);
    const part = errorColors[kind].indexOf(brightest);
    return Array.from({ length: 256 }, (_, pixel) => {
      const value = picture.data[4 * pixel + part];
      assert.ok(value > 0.4 * brightest, `${kind} is invisible at ${pixel}`);
      assert.equal(value === brightest, isOnStripe(kind, pixel % width, pixel >> 4));
      return value === brightest;
    });
  });
  for (const pattern of patterns) {
    assert.equal(pattern.filter(Boolean).length, 128);
    const same = patterns.filter((other) => other.every((one, i) => one === pattern[i]));
    assert.equal(same.length, 1);
  }
});
