/** Checks pages for accessibility with axe-core, the engine of browsers' own audits. */

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

/** What to check. */
export interface AccessibilityOptions {
  /** CSS selector of the part to check; the whole page by default. */
  readonly within?: string;
  /** CSS selectors of parts that others are responsible for, such as JupyterLab's own. */
  readonly except?: readonly string[];
  /** Colour schemes to check; light and dark by default. */
  readonly schemes?: readonly ("light" | "dark")[];
}

/**
 * Asserts that axe-core finds no violation in a page, its frames and its shadow roots, in light and
 * dark. The page must have been opened in a context of its own, as `withPage()` does.
 *
 * @throws {AssertionError} If there are violations; the message has each one's elements.
 */
export async function assertAccessible(
  page: Page,
  { within, except = [], schemes = ["light", "dark"] }: AccessibilityOptions = {},
): Promise<void> {
  try {
    for (const colorScheme of schemes) {
      // Colours are compared as they are at that moment, which may be half way through a transition.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      let builder = new AxeBuilder({ page });
      if (within) builder = builder.include(within);
      for (const selector of except) builder = builder.exclude(selector);
      const { violations } = await builder.analyze();
      const found = violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, html, failureSummary }) =>
          `${id}: ${help}\n  ${target.join(" ")}\n  ${html.slice(0, 300)}\n  ${failureSummary}`
        )
      );
      assert.equal(found.length, 0, `In ${colorScheme} colours:\n${found.join("\n")}`);
    }
  } finally {
    await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  }
}
