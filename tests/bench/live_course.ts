/**
 * `deno task bench:live`: goes through the live course of the site with its own settings, in a page
 * of a headless Chromium without isolation, so that one thread computes. Prints each step's seconds,
 * processor seconds of the whole browser (on Linux), and the Dice of phantoms that training never
 * saw.
 *
 * `--pictures FOLDER` saves the README's pictures, `live.png` of the course and `page.png` of the page
 * to which it exports its model. `--check` fails if the Dice is below 0.8 or the
 * training takes more than 180 processor seconds. The last line is JSON.
 */

import { dirname, join } from "@std/path";
import type { Page } from "playwright-core";
import { generatePhantom } from "../../data/phantom.ts";
import { writeImage } from "../../lib/image/image_files.ts";
import { openFile, withPage } from "../browser/browser.ts";
import { serveFolder } from "../browser/serve_folder.ts";
import { makeLiveSite } from "../kernels/jupyter/live_site.ts";
import { taskOptions } from "../task_options.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const options = taskOptions(import.meta.url, {
  pictures: { type: "string" },
  check: { type: "boolean", default: false },
});

const targets = { dice: 0.8, trainingSeconds: 180 } as const;

/** Seconds of a step. */
interface Lap {
  readonly wall: number;
  readonly processor: number;
}

const laps: Record<string, Lap> = {};
const dice = { validation: NaN, test: NaN };
await withTemporaryFolder(async (folder) => {
  await using server = serveFolder(await makeLiveSite(folder));
  await withPage(async (page) => {
    page.setDefaultTimeout(3_600_000);
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    const status = (step: string) => page.locator(`#${step} .status`);
    let [wall, processor] = [performance.now(), await processorSeconds()];
    const lap = async (name: string, more = "") => {
      const now = [performance.now(), await processorSeconds()];
      laps[name] = { wall: (now[0] - wall) / 1000, processor: now[1] - processor };
      [wall, processor] = now;
      console.log(
        `${name.padEnd(10)} ${laps[name].wall.toFixed(1)} s, ` +
          `${laps[name].processor.toFixed(1)} s of processors  ${more}`,
      );
    };
    await page.goto(`${server.address}live.html`);
    await button("Make phantoms").waitFor();
    await lap("load");
    await button("Make phantoms").click();
    await status("data").getByText("phantoms to train on").waitFor();
    await lap("phantoms");
    await page.locator("#plan tr", { hasText: "Features" }).waitFor();
    await lap("plan", await page.getByRole("row", { name: /^Patch/ }).innerText());
    await page.evaluate(`{
      globalThis.longestGap = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        longestGap = Math.max(longestGap, now - last);
        last = now;
      }, 10);
    }`);
    await button("Train").click();
    await page.locator("#train .line").getByText("Segmenting").waitFor();
    await lap("train", await page.locator("canvas.curves").getAttribute("aria-label") ?? "");
    await status("train").getByText("Trained in").waitFor();
    dice.validation = lastNumber(await status("train").innerText());
    await lap("validate", `Dice ${dice.validation}`);
    const gap = await page.evaluate<number>("longestGap");
    await button("Segment the test phantom").click();
    await status("predict").getByText("Mean Dice").waitFor();
    dice.test = lastNumber(await status("predict").innerText());
    await lap("predict", `Dice ${dice.test}`);
    console.log(`the page did not respond for ${Math.round(gap)} ms at most`);
    if (options.pictures !== undefined) {
      const exported = join(folder, "phantoms.html");
      const download = page.waitForEvent("download");
      await button("Save the model as a page").click();
      await (await download).saveAs(exported);
      await takeCoursePicture(page, join(options.pictures, "live.png"));
      await takePagePicture(page, exported, join(options.pictures, "page.png"));
    }
  });
});
const missed = [
  ...Object.entries(dice).filter(([, value]) => !(value >= targets.dice))
    .map(([name, value]) => `${name} Dice ${value}, expected at least ${targets.dice}`),
  ...laps.train.processor > targets.trainingSeconds
    ? [`${laps.train.processor} s of training, expected at most ${targets.trainingSeconds}`]
    : [],
];
for (const miss of missed) console.log(`missed: ${miss}`);
console.log(JSON.stringify({ deno: Deno.version.deno, laps, dice, missed }));
Deno.exit(options.check && missed.length > 0 ? 1 : 0);

/** Saves a picture of curves and segmentation, as narrow as the README shows it. */
async function takeCoursePicture(page: Page, path: string): Promise<void> {
  await page.setViewportSize({ width: 620, height: 4000 });
  // The buttons between the two say nothing in a picture.
  await page.evaluate(
    `document.querySelectorAll("#train > .buttons").forEach((buttons) => buttons.remove())`,
  );
  const top = await page.locator("canvas.curves").boundingBox();
  const bottom = await page.locator("#predict").boundingBox();
  if (!top || !bottom) throw new Error("Cannot take the picture: a step is missing");
  const height = bottom.y + bottom.height - top.y;
  await page.screenshot({ path, clip: { x: 0, y: top.y - 12, width: 620, height: height + 24 } });
}

/** Saves a picture of an exported page that has segmented a phantom. */
async function takePagePicture(page: Page, exported: string, path: string): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 });
  await openFile(page, exported);
  const scan = join(dirname(exported), "phantom.nii.gz");
  await writeImage(scan, generatePhantom({ seed: 9001 }).image);
  await page.locator(".drop input[type=file]:not([webkitdirectory])").first().setInputFiles(scan);
  await page.locator("li[data-state=done]").waitFor();
  // Down to the end of the case; facts about the model follow.
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 1045 } });
}

/** The last number with decimals in a text that is not part of a duration. */
function lastNumber(text: string): number {
  return Number(text.match(/\d\.\d{3}/g)?.at(-1));
}

/** Processor seconds of all processes that this one has started; NaN where /proc is missing. */
async function processorSeconds(): Promise<number> {
  const children = new Map<number, number[]>();
  const seconds = new Map<number, number>();
  try {
    for await (const { name } of Deno.readDir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const text = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
      // The name before the last parenthesis may have spaces. Ticks are hundredths of a second.
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
      if (fields.length < 15) continue;
      const [parent, ticks] = [fields[1], fields.slice(11, 15).reduce((sum, one) => sum + one, 0)];
      children.set(parent, [...children.get(parent) ?? [], Number(name)]);
      seconds.set(Number(name), ticks / 100);
    }
  } catch {
    return NaN;
  }
  let sum = 0;
  const queue = [...children.get(Deno.pid) ?? []];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    sum += seconds.get(id) ?? 0;
    queue.push(...children.get(id) ?? []);
  }
  return sum;
}
