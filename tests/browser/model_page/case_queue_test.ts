import assert from "node:assert/strict";
import { CaseQueue } from "../../../lib/browser/model_page/case_queue.ts";
import { findScans } from "../../../lib/browser/model_page/find_scans.ts";
import { groupCases } from "../../../lib/browser/model_page/group_cases.ts";
import type { PageFile } from "../../../lib/browser/model_page/page_files.ts";
import type { PageFacts, Segmenter } from "../../../lib/browser/segmenter.ts";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import { countingImage } from "../../image/sample_images.ts";
import { facts, imageFiles, pageFile, twoChannels } from "./sample_files.ts";

const image = countingImage([2, 3, 4]);

/** A segmenter whose scans end when the test lets them. */
function heldSegmenter(limit = Infinity) {
  const running: (() => void)[] = [];
  const segmenter: Segmenter = {
    facts,
    need: () => Promise.resolve({ bytes: 1000, limit }),
    device: () => Promise.resolve({ device: "cpu", why: "" }),
    close() {},
    segment: ({ geometry, data }, { signal } = {}) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        running.push(() =>
          resolve({
            geometry,
            data: Uint8Array.from(data.subarray(0, sizeOf(geometry.shape)), (value) => value % 3),
          })
        );
      }),
  };
  return { segmenter, running };
}

/** A queue, and a function that waits until a case is in a state. */
function queueOf(open: () => Promise<Segmenter>, model: PageFacts = facts) {
  const queue: CaseQueue = new CaseQueue({ facts: model, open, onChange: () => {} });
  const add = async (files: readonly PageFile[]) => {
    const { scans } = await findScans(files);
    const channels = model.channels.map(({ name }) => name);
    return (await groupCases(scans, channels, () => Promise.resolve(1))).map((one) =>
      queue.add(one)
    );
  };
  const states = () => queue.cases.map(({ state }) => state.kind);
  const until = async (...expected: string[]) => {
    for (let tries = 0; tries < 500; tries++) {
      if (`${states()}` === `${expected}`) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.deepEqual(states(), expected);
  };
  return { queue, add, until };
}

Deno.test("CaseQueue segments cases one after the other, past those that fail", async () => {
  const { segmenter, running } = heldSegmenter();
  const { add, until } = queueOf(() => Promise.resolve(segmenter));
  await add([
    ...await imageFiles("a.nii.gz", image),
    pageFile("b.nii.gz", "no NIfTI"),
    ...await imageFiles("c.nii.gz", image),
  ]);
  await until("segmenting", "waiting", "waiting");
  running[0]();
  await until("done", "failed", "segmenting");
  running[1]();
  await until("done", "failed", "done");
});

Deno.test("CaseQueue cancels at once, and starts a cancelled case again", async () => {
  const { segmenter, running } = heldSegmenter();
  const { queue, add, until } = queueOf(() => Promise.resolve(segmenter));
  const [a] = await add(await imageFiles("a.nii.gz", image));
  await add(await imageFiles("b.nii.gz", image));
  await until("segmenting", "waiting");
  queue.cancel(a);
  assert.equal(a.state.kind, "cancelled");
  await until("cancelled", "segmenting");
  queue.start(a);
  running[1]();
  await until("segmenting", "done");
  queue.remove(a);
  await until("done");
});

Deno.test("CaseQueue refuses a scan that does not fit, in words", async () => {
  const { segmenter } = heldSegmenter(500);
  const { add, until } = queueOf(() => Promise.resolve(segmenter));
  const [one] = await add(await imageFiles("a.nii.gz", image));
  await until("failed");
  assert.deepEqual(one.state, {
    kind: "failed",
    message:
      "Cannot segment a in a page: the scan needs about 1.00 kB of memory, expected at most " +
      "500 B; crop it to less than 50 % of its voxels, or use nnU-Net outside the browser",
  });
});

Deno.test("CaseQueue opens the model again after it could not be opened", async () => {
  const { segmenter, running } = heldSegmenter();
  let tries = 0;
  const { queue, add, until } = queueOf(() =>
    ++tries === 1 ? Promise.reject(new Error("no memory")) : Promise.resolve(segmenter)
  );
  const [one] = await add(await imageFiles("a.nii.gz", image));
  await until("failed");
  queue.start(one);
  await until("segmenting");
  running[0]();
  await until("done");
});

Deno.test("CaseQueue completes a case whose channels come one by one", async () => {
  const { segmenter, running } = heldSegmenter();
  const { add, until } = queueOf(() => Promise.resolve(segmenter), twoChannels);
  await add(await imageFiles("a_0001.nii.gz", image));
  await until("asking");
  await add(await imageFiles("a_0000.nii.gz", image));
  await until("segmenting");
  running[0]();
  await until("done");
});
