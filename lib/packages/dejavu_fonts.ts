/** The font of all pictures, so that they need none of the system. Importing it installs it. */

// deno-lint-ignore no-import-prefix -- A program elsewhere has no import map.
import "npm:dejavu-fonts-ttf@2.37.3/package.json" with { type: "json" };

/** For `packageFile()`. */
export const regularFont = "dejavu-fonts-ttf/ttf/DejaVuSans.ttf";

/** For `packageFile()`. */
export const boldFont = "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf";
