/** Contents of nnU-Net's `dataset.json`, which `dataset_json.ts` parses and formats. */

/** Contents of a `dataset.json`. */
export interface DatasetJson {
  /** Names of the channels, which determine their normalisation. */
  readonly channelNames: readonly string[];
  /**
   * Integers by name: 0 for the background, a list for a region of several integers, and optionally
   * the highest integer for unlabelled voxels, under the name `ignore`.
   */
  readonly labels: Readonly<Record<string, number | readonly number[]>>;
  /** For regions: the integer written for each region, in writing order. */
  readonly regionsClassOrder?: readonly number[];
  /** Number of training cases; files of models may lack it. */
  readonly numTraining?: number;
  /** Ending of all image files, such as `.nii.gz`. */
  readonly fileEnding: string;
  /** Name of upstream's class that reads the images. */
  readonly overwriteImageReaderWriter?: string;
  /**
   * Files by case name, if not in `imagesTr` and `labelsTr`. Paths are absolute or relative to the
   * data set's folder and may use environment variables, such as `$DATA/a.nii.gz`.
   */
  readonly cases?: Readonly<Record<string, CaseFiles>>;
  /** Name of the data set, for readers. */
  readonly name?: string;
  /** What the data set shows, for readers. */
  readonly description?: string;
  /** Where the data set comes from, for readers. */
  readonly reference?: string;
  /** Licence of the data, for readers. */
  readonly licence?: string;
  /** Version of the data, for readers. */
  readonly release?: string;
}

/** The files of one training case. */
export interface CaseFiles {
  /** One path per channel. */
  readonly images: readonly string[];
  /** Path of the label map. */
  readonly label: string;
}
