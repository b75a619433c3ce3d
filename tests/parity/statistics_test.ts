import assert from "node:assert/strict";
import { differenceInterval, studentQuantile } from "./statistics.ts";

const near = (found: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);

Deno.test("studentQuantile() equals the tables", () => {
  near(studentQuantile(0.95, 1), 12.706, 1e-3);
  near(studentQuantile(0.95, 2), 4.3027, 1e-4);
  near(studentQuantile(0.95, 6), 2.4469, 1e-4);
  near(studentQuantile(0.95, 10.5), 2.2137, 1e-3);
  near(studentQuantile(0.99, 30), 2.75, 1e-3);
});

Deno.test("differenceInterval() is Welch's, as scipy.stats.ttest_ind(equal_var=False) gives it", () => {
  const { difference, halfWidth } = differenceInterval(
    [0.81, 0.82, 0.83, 0.84],
    [0.8, 0.85, 0.79, 0.86, 0.82],
  );
  near(difference, 0.001, 1e-12);
  near(halfWidth, 0.037539, 1e-6);
});

Deno.test("differenceInterval() has no width if nothing varies", () => {
  assert.deepEqual(differenceInterval([1, 1], [3, 3]), { difference: -2, halfWidth: 0 });
});
