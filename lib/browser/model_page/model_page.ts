/** What a reader sees of an exported page: a choice of files, the progress, and the label map. */

/// <reference lib="dom" />

import { readImage, writeSegmentation } from "../../image/image_files.ts";
import { reasonOf } from "../../options/reason_of.ts";
import { createFolder, readFile, removeIfPresent, writeFile } from "../../platform/files.ts";
import type { PageFacts, Segmenter } from "../segmenter.ts";

/**
 * Shows the page.
 *
 * @param root The element to fill.
 * @param open Opens the model; called when a scan is chosen.
 * @param facts What the model is.
 */
export function startPage(
  root: HTMLElement,
  open: () => Promise<Segmenter>,
  facts: PageFacts,
): void {
  const title = document.createElement("h1");
  title.textContent = facts.name;
  const input = document.createElement("input");
  Object.assign(input, { type: "file", multiple: true });
  input.setAttribute("aria-label", "Files of one scan, one per channel, in order");
  const cancel = document.createElement("button");
  Object.assign(cancel, { textContent: "Cancel", disabled: true });
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const link = document.createElement("a");
  root.replaceChildren(title, input, cancel, status, link);
  input.addEventListener("change", async () => {
    const controller = new AbortController();
    cancel.onclick = () => controller.abort(new Error("Cancelled"));
    cancel.disabled = false;
    input.disabled = true;
    link.removeAttribute("href");
    try {
      const scan = await readImage(await inMemory(input.files!));
      const segmenter = await open();
      const segmentation = await segmenter.segment(scan, {
        signal: controller.signal,
        onProgress: ({ share, what }) =>
          status.textContent = `${what}: ${Math.round(100 * share)} %`,
      });
      await writeSegmentation("/labels.nii.gz", segmentation);
      link.href = URL.createObjectURL(new Blob([await readFile("/labels.nii.gz")]));
      link.textContent = link.download = "labels.nii.gz";
      status.textContent = "Done";
    } catch (error) {
      status.textContent = reasonOf(error);
    } finally {
      input.disabled = false;
      cancel.disabled = true;
    }
  });
}

/** Copies files into this page's memory. @returns Their paths there. */
async function inMemory(files: FileList): Promise<string[]> {
  const folder = "/scan";
  await removeIfPresent(folder, { recursive: true });
  await createFolder(folder);
  const paths: string[] = [];
  for (const file of files) {
    paths.push(`${folder}/${file.name}`);
    await writeFile(paths.at(-1)!, new Uint8Array(await file.arrayBuffer()));
  }
  return paths;
}
