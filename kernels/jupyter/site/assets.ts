/** The files that pages share or load when they are needed. */

import { dirname, join } from "@std/path";
import { createHash } from "node:crypto";

/** A picture of a page. */
export interface Picture {
  /** Its media type. */
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Folder of these files beside the pages. */
export const assetFolder = "assets";

/** Files of the site besides its pages. */
export class Assets {
  readonly #files = new Map<string, Uint8Array>();

  /**
   * Adds a file under a name of its own.
   *
   * @returns Its address, relative to the pages.
   */
  add(name: string, content: string | Uint8Array): string {
    this.#files.set(
      name,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    return `${assetFolder}/${name}`;
  }

  /** Adds a file that several pages share, made by a function if it is not yet there. */
  addOnce(name: string, make: () => string | Uint8Array): string {
    return this.#files.has(name) ? `${assetFolder}/${name}` : this.add(name, make());
  }

  /** Adds a picture under a name made from its content, so that equal ones are one file. */
  addPicture({ type, content }: Picture): string {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
    const ending = type === "image/svg+xml" ? "svg" : type.replace(/^image\//, "");
    return this.add(`${hash}.${ending}`, content);
  }

  /** Writes all files below the folder of the pages. */
  async write(folder: string): Promise<void> {
    for (const [name, content] of this.#files) {
      const path = join(folder, assetFolder, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, content);
    }
  }
}
