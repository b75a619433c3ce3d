/** Defines the files of a case. */

/** A case without a label map. */
export interface TestCase {
  /** Name, the files' names without channel number and ending. */
  readonly name: string;
  /** Paths of the images, ordered by channel. */
  readonly images: readonly string[];
}

/** A case with or without a label map. */
export interface AnyCase extends TestCase {
  /** Path of the label map, if it has one. */
  readonly label?: string;
}

/** A case to train on. */
export interface TrainingCase extends TestCase {
  /** Path of the label map, which need not exist. */
  readonly label: string;
}
