"""Runs exported models with Python's ONNX Runtime, one per line; outputs go next to batches."""

import json
import sys

import numpy as np
import onnxruntime

for line in sys.stdin:
    job = json.loads(line)
    session = onnxruntime.InferenceSession(job["model"], providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert {"plans", "labels", "normalization", "spacing_zyx_mm"} <= set(metadata), metadata.keys()
    batch = np.fromfile(job["batch"], "<f4").reshape(job["shape"])
    outputs = session.run(None, {"image": batch})
    for output, values in zip(session.get_outputs(), outputs):
        values.astype("<f4").tofile(f'{job["batch"]}.{output.name}')
    print(json.dumps({"outputs": len(outputs)}), flush=True)
