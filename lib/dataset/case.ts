/** The files of one case. */

/** The files of a case without a label. */
export interface TestCase {
  readonly name: string;
  /** Paths, ordered by channel. */
  readonly images: readonly string[];
}

/** The files of a case to train on. */
export interface TrainingCase extends TestCase {
  /** Path of its label map, which need not exist. */
  readonly label: string;
}
