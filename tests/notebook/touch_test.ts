/** Tests outputs on a phone: fingers scroll the page, and move what they touch. */

import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { keepScreenshot, testInBrowser } from "../browser/browser.ts";
import { showAsVsCode } from "./front_ends.ts";
import { sampleOutputs } from "./sample_outputs.ts";

/** Makes the page a phone's, whose fingers the returned functions move. */
async function asPhone(page: Page) {
  await page.setViewportSize({ width: 390, height: 800 });
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  const centreOf = async (element: Locator) => {
    await element.scrollIntoViewIfNeeded();
    const box = (await element.boundingBox())!;
    const top = Math.max(0, box.y);
    const bottom = Math.min(800, box.y + box.height);
    return { x: Math.round(box.x + box.width / 2), y: Math.round((top + bottom) / 2) };
  };
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", x?: number, y?: number) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: x === undefined ? [] : [{ x, y: y! }],
    });
  const swipe = async (element: Locator, across: number, down: number) => {
    const { x, y } = await centreOf(element);
    await touch("touchStart", x, y);
    for (let step = 1; step <= 10; step++) {
      await touch("touchMove", x + across * step / 10, y + down * step / 10);
    }
    await touch("touchEnd");
    await page.waitForTimeout(300); // The page scrolls on for a moment.
  };
  const tap = async (element: Locator) => {
    const { x, y } = await centreOf(element);
    await touch("touchStart", x, y);
    await touch("touchEnd");
  };
  return { swipe, tap };
}

const scrolled = (page: Page) => page.evaluate("scrollY") as Promise<number>;

testInBrowser("fingers scroll past a volume, and move its cursor sideways", async (page) => {
  const { swipe, tap } = await asPhone(page);
  await showAsVsCode(page, (await sampleOutputs.volume()).html!);
  await page.locator("canvas[data-painted]").first().waitFor();
  await keepScreenshot(page, "phone_volume");
  const axial = page.getByRole("slider", { name: "axial slice" });
  const sagittal = page.getByLabel("sagittal position");
  const before = await sagittal.inputValue();
  await swipe(axial, 0, -150);
  assert.ok(await scrolled(page) > 100, `${await scrolled(page)} pixels`);

  const top = await scrolled(page);
  await swipe(axial, 90, 0);
  assert.notEqual(await sagittal.inputValue(), before);
  assert.ok(Math.abs(await scrolled(page) - top) < 400);
  const coronal = page.getByLabel("coronal position");
  await coronal.fill("1");
  await tap(coronal);
  assert.notEqual(await coronal.inputValue(), "1");
});

testInBrowser("fingers scroll past a 3D view, and rotate it sideways", async (page) => {
  const { swipe } = await asPhone(page);
  const { html } = await sampleOutputs.surface();
  await showAsVsCode(page, `${html}<div style="height:1500px"></div>`);
  await page.locator("[data-ready]").waitFor({ timeout: 120_000 });
  const canvas = page.locator("canvas");
  await swipe(canvas, 0, -150);
  assert.ok(await scrolled(page) > 100, `${await scrolled(page)} pixels`);
  await page.evaluate("scrollTo(0, 0)");
  const before = await canvas.screenshot();
  await swipe(canvas, 100, 0);
  assert.notDeepEqual(await canvas.screenshot(), before);
});
