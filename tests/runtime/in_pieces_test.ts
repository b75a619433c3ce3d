import assert from "node:assert/strict";
import { atOnce, inPieces, type Pieces } from "../../lib/runtime/in_pieces.ts";

/** Computes for some milliseconds and pauses after each. */
function* busyFor(milliseconds: number): Pieces<number> {
  for (let i = 0; i < milliseconds; i++) {
    const end = performance.now() + 1;
    while (performance.now() < end) { /* computing */ }
    yield;
  }
  return milliseconds;
}

Deno.test("atOnce() and inPieces() return the result", async () => {
  assert.equal(atOnce(busyFor(3)), 3);
  assert.equal(await inPieces(busyFor(3)), 3);
});

Deno.test("inPieces() lets timers run meanwhile, and atOnce() does not", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  try {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const before = ticks;
    atOnce(busyFor(50));
    assert.equal(ticks, before);
    await inPieces(busyFor(50));
    assert.ok(ticks > before);
  } finally {
    clearInterval(timer);
  }
});

Deno.test("inPieces() rejects with what the computation throws", async () => {
  // deno-lint-ignore require-yield -- it fails before its first pause
  const failing = function* (): Pieces<never> {
    throw new RangeError("Too large");
  };
  await assert.rejects(inPieces(failing()), { name: "RangeError", message: "Too large" });
});
