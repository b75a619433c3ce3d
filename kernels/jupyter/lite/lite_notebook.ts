/** What the site says of the notebooks in JupyterLite. */

/** Folder of JupyterLite in the site. */
export const liteFolder = "lite";

/** What became of a notebook. */
export interface LiteNotebook {
  /** File name. */
  readonly name: string;
  /** Title, the first heading. */
  readonly title: string;
  readonly codeCells: number;
  /** Why cells are left out. */
  readonly leftOut: readonly string[];
  /** Whether it is in the folder. */
  readonly offered: boolean;
}
