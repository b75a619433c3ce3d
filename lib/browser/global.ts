/** The script of `nnunet/browser` for pages without modules: defines the global `nnunet`. */

import * as library from "./mod.ts";

Object.assign(globalThis, { nnunet: library });
