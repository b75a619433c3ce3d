/** SVG to PNG: native, fast, and with the same text on every machine. */

export { renderAsync } from "npm:@resvg/resvg-js@2.6.2";
