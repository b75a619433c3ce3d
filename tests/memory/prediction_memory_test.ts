import assert from "node:assert/strict";
import { predictionBytes, requireCaseFits } from "../../lib/memory/prediction_memory.ts";

const sizes = {
  channels: 2,
  heads: 3,
  shape: [100, 90, 80],
  resampledShape: [110, 90, 80],
  tileSize: [32, 64, 64],
  wholeLogits: false,
  unfinishedBytes: 1e6,
  networkBytes: 5e6,
};

Deno.test("predictionBytes() grows with everything that is in memory", () => {
  const bytes = predictionBytes(sizes);
  assert.equal(predictionBytes({ ...sizes, networkBytes: 6e6 }) - bytes, 1e6);
  // Many heads, so that prediction takes more than preprocessing.
  const many = { ...sizes, heads: 100 };
  assert.ok(predictionBytes(many) > bytes);
  const logits = 8 * 100 * 110 * 90 * 80;
  assert.ok(predictionBytes({ ...many, wholeLogits: true }) - predictionBytes(many) > logits);
  assert.equal(
    predictionBytes({ ...many, unfinishedBytes: 3e6 }) - predictionBytes(many),
    2e6,
  );
});

Deno.test("requireCaseFits() accepts a case that fits exactly", () => {
  const bytes = predictionBytes(sizes);
  requireCaseFits("a", sizes, bytes);
  assert.throws(() => requireCaseFits("a", sizes, bytes - 1), {
    name: "MemoryError",
    message: /^Cannot predict "a": a scan of 100 × 90 × 80 voxels needs about .* MB of memory, /,
    requiredBytes: bytes,
    availableBytes: bytes - 1,
  });
});
