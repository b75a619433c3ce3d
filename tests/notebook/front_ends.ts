/** Shows outputs as front ends do that cannot be run in tests. */

import type { Page } from "playwright-core";

const paragraph = "<p>What stands below the output.</p>";

/**
 * Shows an output's HTML as VS Code's renderer does: the markup is set, then each script is run and
 * removed, in a page with VS Code's dark or light colours.
 */
export async function showAsVsCode(
  page: Page,
  html: string,
  scheme: "light" | "dark" = "dark",
): Promise<void> {
  const [paper, ink] = scheme === "dark" ? ["#1f1f1f", "#cccccc"] : ["#ffffff", "#3b3b3b"];
  await page.setContent(
    `<!doctype html><html lang="en"><meta charset="utf-8">
      <meta name="viewport" content="width=device-width"><title>output</title>
      <style>:root { --vscode-foreground: ${ink} } main { display: flow-root } body { margin: 0 16px; background: ${paper};
      color: var(--vscode-foreground); font-family: sans-serif }</style>
      <main></main></html>`,
  );
  await insert(
    page,
    html,
    `for (const script of [...container.querySelectorAll("script")]) {
      const copy = document.createElement("script");
      copy.text = script.textContent;
      for (const name of ["type", "src", "async"]) {
        if (script.getAttribute(name)) copy.setAttribute(name, script.getAttribute(name));
      }
      container.appendChild(copy).parentNode.removeChild(copy);
    }`,
  );
}

/** Shows an output's HTML as the classic Notebook does: jQuery runs each script in the page's head. */
export async function showAsClassic(page: Page, html: string): Promise<void> {
  await page.setContent(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>output</title>
      <style>main { display: flow-root } body { margin: 0 16px } .output_html { overflow-x: auto; max-width: 900px }</style>
      <main></main></html>`,
  );
  await insert(
    page,
    html,
    `for (const script of [...container.querySelectorAll("script")]) {
      script.remove();
      const copy = document.createElement("script");
      copy.text = script.textContent;
      if (script.type) copy.type = script.type;
      document.head.appendChild(copy).remove();
    }`,
  );
}

/**
 * Shows an output's HTML as GitHub does, which removes scripts, styles, controls and drawings, and
 * keeps an element's text if it does not know the element.
 */
export async function showAsGitHub(page: Page, html: string): Promise<void> {
  await page.setContent(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>output</title>
      <main></main></html>`,
  );
  await insert(
    page,
    html,
    `for (const element of container.querySelectorAll("*")) {
      if (["SCRIPT", "STYLE", "IFRAME", "OBJECT"].includes(element.tagName)) element.remove();
      else if (["INPUT", "BUTTON", "CANVAS", "SVG", "OUTPUT"].includes(element.tagName)) {
        element.replaceWith(...element.childNodes);
      }
      for (const { name } of [...element.attributes]) {
        if (/^(on|data-|style$|id$|class$)/.test(name)) element.removeAttribute(name);
      }
    }`,
  );
}

/**
 * Adds the output's markup, with a paragraph below, and finishes it before the page is painted, as
 * front ends do.
 */
async function insert(page: Page, html: string, finish: string): Promise<void> {
  await page.evaluate(`(() => {
    const main = document.querySelector("main");
    main.innerHTML = ${JSON.stringify(`<div id="output"></div>${paragraph}`)};
    const container = main.firstChild;
    container.className = "output_html";
    container.innerHTML = ${JSON.stringify(html)};
    ${finish}
  })()`);
}
