/** Where links of the project's files lead in the site. */

import { dirname, extname, join } from "@std/path";
import type { Assets } from "./assets.ts";
import { type Links, slugOf } from "./markdown.ts";
import { pictureAttributes } from "./pictures.ts";

/**
 * Makes the links of a file of the project.
 *
 * @param source Path of the file.
 * @param pages Pages by the paths of the files that they were made of. Links to other files of the
 * project lead nowhere.
 * @param assets Takes the pictures.
 */
export function linksOf(
  source: string,
  pages: ReadonlyMap<string, string>,
  assets: Assets,
): Links {
  return {
    link: (href) => {
      if (/^[a-z][a-z\d+.-]*:/i.test(href)) return href;
      const [path, hash] = href.split("#");
      const target = path === "" ? "" : pages.get(join(dirname(source), decodeURIComponent(path)));
      if (target === undefined) return undefined;
      // JupyterLab's identifiers keep capitals and marks.
      return target + (hash === undefined ? "" : `#${slugOf(decodeURIComponent(hash))}`);
    },
    picture: (href) => {
      const path = join(dirname(source), decodeURIComponent(href));
      const type = extname(path) === ".svg" ? "image/svg+xml" : `image/${extname(path).slice(1)}`;
      return pictureAttributes({ type, content: Deno.readFileSync(path) }, assets);
    },
  };
}
