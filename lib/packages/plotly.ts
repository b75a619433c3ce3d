/** The script of Plotly as a file, for the window that draws pictures. Importing it installs it. */

// deno-lint-ignore no-import-prefix -- A program elsewhere has no import map.
import "npm:plotly.js-dist@4.1.1/package.json" with { type: "json" };

/** For `packageFile()`. */
export const plotlyScript = "plotly.js-dist/plotly.js";
