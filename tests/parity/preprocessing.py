"""nnU-Net's side of preprocessing.ts.

Reads one case per line as JSON, preprocesses it with nnU-Net's DefaultPreprocessor, writes the arrays
to one folder and answers with their shape.
"""

import json
import sys

import numpy as np
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

for line in sys.stdin:
    job = json.loads(line)
    manager = PlansManager(job["plans"])
    data, segmentation, _ = DefaultPreprocessor(verbose=False).run_case(
        job["images"], job["label"], manager, manager.get_configuration(job["configuration"]),
        job["dataset"])
    data.astype("<f4").tofile(job["output"] + ".image")
    segmentation.astype("<i2").tofile(job["output"] + ".labels")
    print(json.dumps({"shape": data.shape}), flush=True)
