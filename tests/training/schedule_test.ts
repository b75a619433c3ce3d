import assert from "node:assert/strict";
import { cosine, polynomial, warmedUp } from "../../lib/training/schedule.ts";
import golden from "../golden/training.json" with { type: "json" };

Deno.test("polynomial() gives nnU-Net's learning rates over 1000 epochs", () => {
  const rate = polynomial();
  const expected = { 0: 0.01, 10: 0.00990995, 100: 0.00909533, 500: 0.00535887, 999: 1.99526e-5 };
  for (const [epoch, value] of Object.entries(expected)) {
    assert.ok(Math.abs(rate(Number(epoch), 1000) / value - 1) < 3e-6, `epoch ${epoch}`);
  }
});

Deno.test("polynomial() agrees with nnU-Net's scheduler at every epoch of a short training", () => {
  golden.learningRates.forEach((expected, epoch) =>
    assert.ok(Math.abs(polynomial()(epoch, 7) - expected) < 1e-15)
  );
});

Deno.test("polynomial() accepts another initial rate and exponent", () => {
  assert.equal(polynomial(0.5, 1)(1, 4), 0.375);
});

Deno.test("cosine() and warmedUp() agree with the schedulers of nnU-Net's variants", () => {
  golden.cosineRates.forEach((expected, epoch) =>
    assert.ok(Math.abs(cosine()(epoch, 7) - expected) < 1e-12)
  );
  golden.warmedUpRates.forEach((expected, epoch) =>
    assert.ok(Math.abs(warmedUp(0.01, 3)(epoch, 9) - expected) < 1e-12)
  );
});
