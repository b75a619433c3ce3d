"""nnU-Net's side of fingerprints.ts: extracts the fingerprint of the data set in `nnUNet_raw`.

The argument is the number of the data set; nnU-Net finds its folders in the environment.
"""

import sys

from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import (
    DatasetFingerprintExtractor,
)

if __name__ == "__main__":
    DatasetFingerprintExtractor(int(sys.argv[1]), 2).run(overwrite_existing=True)
