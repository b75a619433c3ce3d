import assert from "node:assert/strict";
import fc from "fast-check";
import { joinPieces, partOf, type Pieces, wholeElements } from "../../lib/image/pieces.ts";

const piecesOfBytes = fc.array(fc.uint8Array({ maxLength: 20 }));

async function* given(pieces: readonly Uint8Array[]): Pieces {
  for (const piece of pieces) yield new Uint8Array(piece);
}

const joined = (pieces: readonly Uint8Array[]) => pieces.flatMap((piece) => [...piece]);

Deno.test("partOf() yields the bytes of a range, however they are divided", () =>
  fc.assert(fc.asyncProperty(piecesOfBytes, fc.nat(30), fc.nat(30), async (pieces, begin, more) => {
    const bytes = joined(pieces);
    const end = begin + more;
    const part = partOf(given(pieces), begin, end, (found) => new RangeError(`found ${found}`));
    const reading = joinPieces(part, more);
    if (end <= bytes.length) assert.deepEqual([...await reading], bytes.slice(begin, end));
    else await assert.rejects(reading, { message: `found ${bytes.length}` });
  })));

Deno.test("wholeElements() divides only between elements and loses nothing", () =>
  fc.assert(fc.asyncProperty(piecesOfBytes, fc.constantFrom(1, 2, 4, 8), async (pieces, size) => {
    const cut = await Array.fromAsync(wholeElements(given(pieces), size));
    assert.deepEqual(joined(cut), joined(pieces));
    assert.ok(cut.slice(0, -1).every(({ length }) => length % size === 0));
  })));

Deno.test("joinPieces() keeps only the requested bytes but reads to the end", async () => {
  let ended = false;
  async function* three(): Pieces {
    for (let i = 1; i <= 3; i++) yield new Uint8Array([i, i]);
    ended = true;
  }
  assert.deepEqual([...await joinPieces(three(), 3)], [1, 1, 2]);
  assert.ok(ended);
});
