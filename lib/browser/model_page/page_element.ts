/**
 * Elements of the page.
 *
 * Deno's types have no documents, and a library for documents would bring its names into every
 * module, so the few members that the page uses are declared here.
 */

/** An element of the page, with the members of inputs and others that have them. */
export interface PageElement extends Omit<EventTarget, "addEventListener"> {
  textContent: string | null;
  hidden: boolean;
  disabled: boolean;
  value: string;
  checked: boolean;
  readonly files: Iterable<File> | null;
  readonly dataset: Record<string, string | undefined>;
  readonly style: Record<string, string>;
  readonly classList: { toggle(name: string, force: boolean): boolean };
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  remove(): void;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  getAttribute(name: string): string | null;
  contains(other: unknown): boolean;
  querySelectorAll(selectors: string): Iterable<PageElement>;
  focus(options?: { readonly preventScroll?: boolean }): void;
  click(): void;
  scrollIntoView(options: { readonly block: "start" | "nearest" }): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

/** An event, with the members of those that are listened to. */
export interface PageEvent extends Event {
  readonly dataTransfer?: DropData | null;
  readonly relatedTarget?: unknown;
}

/** What is dropped on the page. */
export interface DropData {
  dropEffect: string;
  readonly types: readonly string[];
  readonly items: Iterable<DropItem>;
}

/** A file or a folder that is dropped. */
export interface DropItem {
  readonly kind: string;
  getAsFile(): File | null;
  webkitGetAsEntry?(): FolderEntry | null;
  /** Only in Chromium. */
  getAsFileSystemHandle?(): Promise<FileHandle | null>;
}

/** A file or a folder, as Chromium also hands out those that are dropped. */
export interface FileHandle {
  readonly kind: "file" | "directory";
  readonly name: string;
  /** Only files have it. */
  getFile?(): Promise<File>;
  /** Only folders have it. */
  values?(): AsyncIterable<FileHandle>;
}

/** A file or folder, as browsers hand out those that are dropped. */
export interface FolderEntry {
  readonly isFile: boolean;
  readonly name: string;
  /** Only files have it. */
  file?(use: (file: File) => void, fail: (error: unknown) => void): void;
  /** Only folders have it. */
  createReader?(): {
    readEntries(
      use: (entries: readonly FolderEntry[]) => void,
      fail: (error: unknown) => void,
    ): void;
  };
}

/** The parts of a canvas that the page uses. */
export interface PageCanvas extends PageElement {
  width: number;
  height: number;
  getContext(kind: "2d"): {
    createImageData(width: number, height: number): { readonly data: Uint8ClampedArray };
    putImageData(data: { readonly data: Uint8ClampedArray }, x: number, y: number): void;
  };
}

/** The page's document. */
export const pageDocument = (globalThis as unknown as {
  readonly document: {
    readonly activeElement: PageElement | null;
    readonly body: PageElement;
    createElement(tag: string): PageElement;
    addEventListener(type: string, listener: (event: PageEvent) => void): void;
  };
}).document;

/** What an element is made with: properties, attributes and, by `onclick` and the like, listeners. */
type Attributes = Readonly<
  Record<string, string | number | boolean | ((event: PageEvent) => void) | undefined>
>;

/**
 * Creates an element.
 *
 * Listeners are added, not written as attributes, which a strict content policy forbids.
 *
 * @param attributes Names of attributes, or names such as `onclick` with listeners. True is an empty
 * attribute; false and undefined are left out.
 */
export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: (PageElement | string)[]
): PageElement {
  const made = pageDocument.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) {
      made.setAttribute(name, value === true ? "" : `${value}`);
    }
  }
  made.append(...children);
  return made;
}

/** Creates a button. */
export function button(
  label: string,
  onclick: () => void,
  attributes: Attributes = {},
): PageElement {
  return element("button", { type: "button", onclick, ...attributes }, label);
}
