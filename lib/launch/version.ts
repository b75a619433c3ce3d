/** Name and version of the package that this code belongs to. */

import config from "../../deno.json" with { type: "json" };

/** Name, with its scope. */
export const packageName: string = config.name;

/** Version, such as `0.1.0`. */
export const version: string = config.version;
