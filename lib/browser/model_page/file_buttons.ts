/** Buttons with which files and folders are chosen, and places on which they are dropped. */

import { button, type DropData, element, type PageElement } from "./page_element.ts";
import { chosenFiles, droppedFiles, type PageFile } from "./page_files.ts";

/** Receives files; `reading` fails if a folder cannot be read. */
export type UseFiles = (reading: Promise<readonly PageFile[]>) => void;

/**
 * Creates a button that opens the browser's dialog for files.
 *
 * @param options.folder Whether a folder is chosen, with all files below it.
 * @param options.label What the hidden input is called, if the button's label says too little.
 */
export function fileButton(
  label: string,
  use: UseFiles,
  { folder = false, multiple = true, className = "" } = {},
): PageElement {
  const input = element("input", {
    type: "file",
    hidden: true,
    multiple,
    webkitdirectory: folder,
    onchange() {
      use(Promise.resolve(chosenFiles(input.files ?? [])));
      input.value = ""; // So that the same file can be chosen again.
    },
  });
  const opener = button(label, () => input.click(), { class: className });
  return element("span", { class: "file-button" }, opener, input);
}

/**
 * Makes an element a place on which files are dropped. It has the class `over` while they are above,
 * unless they are above a place inside it.
 */
export function takeDrops(place: PageElement, use: UseFiles): void {
  const hasFiles = (data: DropData | null | undefined) => data?.types.includes("Files") ?? false;
  place.addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    place.classList.toggle("over", !event.defaultPrevented);
    event.preventDefault();
    event.dataTransfer!.dropEffect = "copy";
  });
  place.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!place.contains(relatedTarget)) place.classList.toggle("over", false);
  });
  place.addEventListener("drop", (event) => {
    place.classList.toggle("over", false);
    if (!hasFiles(event.dataTransfer) || event.defaultPrevented) return;
    event.preventDefault();
    use(droppedFiles(event.dataTransfer!));
  });
}
