import assert from "node:assert/strict";
import { Saver } from "../../../lib/browser/files/saver.ts";

Deno.test("saved() waits for a save that begins after the change", async () => {
  const saves: PromiseWithResolvers<void>[] = [];
  const saver = new Saver(() => {
    saves.push(Promise.withResolvers());
    return saves.at(-1)!.promise;
  });
  saver.changed();
  const first = saver.saved();
  assert.equal(saves.length, 1);
  saver.changed(); // The save that runs may not have it.
  const second = saver.saved();
  saves[0].resolve();
  await first;
  assert.equal(saves.length, 2);
  saves[1].resolve();
  await second;
  await saver.saved(); // Nothing is left to save.
  assert.equal(saves.length, 2);
  await new Promise((resolve) => setTimeout(resolve, 400)); // The timers of the changes end.
});

Deno.test("changes are saved without anyone waiting, and a failure is repeated to who waits", async () => {
  let isFull = true;
  let saves = 0;
  const saver = new Saver(() => {
    saves++;
    return isFull ? Promise.reject(new Error("full")) : Promise.resolve();
  });
  saver.changed();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(saves, 1);
  await assert.rejects(saver.saved(), /full/);
  isFull = false;
  await saver.saved();
  assert.equal(saves, 3);
});
