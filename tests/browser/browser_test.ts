import assert from "node:assert/strict";
import { assertChangesLook, lookOf, moveSlider, showHtml, testInBrowser } from "./browser.ts";

testInBrowser("moveSlider() triggers the page's script, as lookOf() shows", async (page) => {
  await showHtml(
    page,
    `<input type="range" max="10" value="1"
       oninput="document.querySelector('output').textContent = this.value">
     <output>1</output><p>Still</p>`,
  );
  const still = await lookOf(page.locator("p"));
  await assertChangesLook(
    page.locator("output"),
    () => moveSlider(page.locator("input"), 7),
  );
  assert.equal(await page.locator("output").textContent(), "7");
  assert.equal(await lookOf(page.locator("p")), still);
});
