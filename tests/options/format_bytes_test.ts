import assert from "node:assert/strict";
import fc from "fast-check";
import { formatBytes } from "../../lib/options/format_bytes.ts";

Deno.test("formatBytes() has three digits and the unit that keeps the number short", () => {
  for (
    const [bytes, text] of [
      [0, "0 B"],
      [999, "999 B"],
      [999.6, "1.00 kB"],
      [1000, "1.00 kB"],
      [999_499, "999 kB"],
      [999_500, "1.00 MB"],
      [2 ** 20, "1.05 MB"],
      [64e6, "64.0 MB"],
      [8 * 2 ** 30, "8.59 GB"],
      [80e9, "80.0 GB"],
      [1.2e12, "1.20 TB"],
      [5e15, "5000 TB"],
    ] as const
  ) assert.equal(formatBytes(bytes), text);
});

Deno.test("formatBytes() is exact to half a per cent, and monotonic", () => {
  const exponents: Readonly<Record<string, number>> = { B: 0, kB: 3, MB: 6, GB: 9, TB: 12 };
  const read = (text: string) => {
    const [, number, unit] = /^(\d{1,4}|\d\.\d\d|\d\d\.\d) ([kMGT]?B)$/.exec(text)!;
    return Number(number) * 10 ** exponents[unit];
  };
  const amount = fc.double({ min: 0, max: 15, noNaN: true }).map((power) =>
    Math.round(10 ** power)
  );
  fc.assert(fc.property(amount, amount, (a, b) => {
    const [shownA, shownB] = [read(formatBytes(a)), read(formatBytes(b))];
    assert.ok(Math.abs(shownA - a) <= 0.005 * a);
    assert.ok(a <= b ? shownA <= shownB * (1 + 1e-12) : shownA * (1 + 1e-12) >= shownB);
  }));
});
