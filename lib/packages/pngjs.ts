/** PNG, read and written, in JavaScript alone, so that it runs in pages, too. */

export { PNG } from "npm:pngjs@7.0.0";
