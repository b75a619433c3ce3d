/** The same script minified to 4.8 MB, for pages that contain it. Importing it installs it. */

// deno-lint-ignore no-import-prefix -- A program elsewhere has no import map.
import "npm:plotly.js-dist-min@4.1.1/package.json" with { type: "json" };

/** For `packageFile()`. */
export const plotlyMinScript = "plotly.js-dist-min/plotly.min.js";
