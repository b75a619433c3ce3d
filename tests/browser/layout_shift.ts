/** Notices what moves in a page while it loads. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/** Shifts that no one sees: share of the page that moved, times how far. */
const INVISIBLE = 0.001;

/** Makes pages that are opened from now on record what moves. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(`
    globalThis.nnunetShifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        if (value >= ${INVISIBLE}) globalThis.nnunetShifts.push(value.toFixed(4) + ": " + sources.map(({ node }) =>
          node?.outerHTML?.slice(0, 80) ?? node?.textContent?.slice(0, 40)).join(", "));
      }
    }).observe({ type: "layout-shift", buffered: true });
  `);
}

/** Asserts that nothing has moved in the page so far. */
export async function assertNothingMoved(page: Page): Promise<void> {
  await page.waitForTimeout(200); // The browser reports shifts some frames later.
  assert.deepEqual(await page.evaluate("globalThis.nnunetShifts"), []);
}
