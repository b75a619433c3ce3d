/** Opens notebooks in JupyterLab in a browser, as users see them. */

import { join } from "@std/path";
import type { Locator, Page } from "playwright-core";
import { JupyterServer } from "../../../kernels/jupyter/server.ts";
import { kernelName } from "../../../kernels/kernelspec.ts";
import { browserMissing, hasBrowser, keepScreenshot, withPage } from "../../browser/browser.ts";
import { testWithJupyter } from "./jupyter_here.ts";
import type { CodeCell } from "../../../kernels/jupyter/notebook_file.ts";
import { code, notebookOf } from "./sample_notebooks.ts";

/** Defines a test that needs Jupyter and a browser. */
export function testInLab(name: string, fn: () => Promise<void>): void {
  testWithJupyter(hasBrowser ? name : name + browserMissing, async () => {
    if (hasBrowser) await fn();
  });
}

/** A notebook that is shown in JupyterLab; code cells count from 0. */
export interface LabNotebook {
  readonly page: Page;
  /** The elements of a cell's outputs. */
  output(cell: number): Locator;
  /** What stands before a cell, such as `[1]:`. */
  prompt(cell: number): Locator;
  /** Selects a cell and runs it. */
  run(cell: number): Promise<void>;
  /** Runs a command of JupyterLab's menus. */
  choose(menu: string, item: string): Promise<void>;
  /** Presses the stop button. */
  stop(): Promise<void>;
}

/**
 * Starts JupyterLab in a folder.
 *
 * @param notebooks The notebooks' code cells or their sources, by the notebooks' names.
 * @param use Is given a function that opens a notebook by its name and waits for its kernel.
 */
export async function withLab(
  root: string,
  notebooks: Readonly<Record<string, readonly (string | CodeCell)[]>>,
  use: (open: (name: string) => Promise<LabNotebook>) => Promise<void>,
): Promise<void> {
  for (const [name, cells] of Object.entries(notebooks)) {
    const notebook = {
      ...notebookOf(...cells.map((cell) => typeof cell === "string" ? code(cell) : cell)),
      metadata: { kernelspec: { name: kernelName, display_name: "", language: "typescript" } },
    };
    await Deno.writeTextFile(join(root, `${name}.ipynb`), JSON.stringify(notebook));
  }
  await using server = await JupyterServer.start({ root, lab: true });
  await withPage(async (page) => {
    page.setDefaultTimeout(120_000); // Other tests may run at the same time.
    const open = async (name: string) => {
      await page.goto(`${server.url}lab/tree/${name}.ipynb?token=${server.token}&reset`);
      await page.locator("#jp-main-statusbar").getByText("Deno (nnU-Net) | Idle").waitFor();
      return labNotebook(page);
    };
    await use(open).catch(async (error) => {
      await keepScreenshot(page, "lab_failure");
      throw error;
    });
  });
}

function labNotebook(page: Page): LabNotebook {
  const cell = (i: number) => page.locator(".jp-Notebook .jp-CodeCell").nth(i);
  return {
    page,
    output: (i) => cell(i).locator(".jp-OutputArea-output"),
    prompt: (i) => cell(i).locator(".jp-InputArea-prompt"),
    run: async (i) => {
      await cell(i).locator(".cm-content").click();
      await page.keyboard.press("Control+Enter");
    },
    choose: async (menu, item) => {
      await page.locator(".lm-MenuBar-item").getByText(menu, { exact: true }).click();
      await page.locator(".lm-Menu-item").getByText(item, { exact: true }).click();
    },
    stop: () => page.locator("[data-command='notebook:interrupt-kernel']").click(),
  };
}
