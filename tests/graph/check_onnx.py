"""Checks ONNX models fully, shape inference included, and says nothing if they are valid.

    python check_onnx.py model.onnx …
"""

import sys

import onnx

for path in sys.argv[1:]:
    onnx.checker.check_model(onnx.load(path), full_check=True)
