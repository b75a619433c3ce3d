"""Writes values and gradients of every differentiable operator, from PyTorch in float64.

pip install torch==2.13.0 numpy; python gradients.py  (writes gradients.json to this folder)
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(0)


def normal(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def positive(*shape):
    return torch.rand(*shape, dtype=torch.float64) + 0.5


def batch_norm(x, s, b):
    return F.batch_norm(x, None, None, s, b, training=True, eps=1e-5)


def with_statistics(x, s, b):
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    return batch_norm(x, s, b) * mean[:, None, None] + variance[:, None, None]


def given_statistics(x, s, b, mean, variance):
    m, v = mean[:, None, None], variance[:, None, None]
    return (x - m) / torch.sqrt(v + 1e-5) * s[:, None, None] + b[:, None, None]


CASES = {
    "add, broadcast": (lambda a, b: a + b, [normal(2, 3, 4), normal(3, 1)]),
    "sub, broadcast": (lambda a, b: a - b, [normal(3, 1), normal(2, 3, 4)]),
    "mul, broadcast": (lambda a, b: a * b, [normal(2, 3, 4), normal(1, 3, 1)]),
    "div, broadcast": (lambda a, b: a / b, [normal(2, 3, 4), positive(4)]),
    "max": (torch.maximum, [normal(3, 5), normal(3, 5)]),
    "where": (lambda a, b: torch.where(a > b, a, 2 * b), [normal(3, 5), normal(3, 5)]),
    "neg": (torch.neg, [normal(7)]),
    "abs": (torch.abs, [normal(7)]),
    "exp": (torch.exp, [normal(7)]),
    "log": (torch.log, [positive(7)]),
    "sqrt": (torch.sqrt, [positive(7)]),
    "sigmoid": (torch.sigmoid, [normal(7)]),
    "identity": (lambda x: x.clone(), [normal(7)]),
    "leakyRelu": (lambda x: F.leaky_relu(x, 0.01), [normal(4, 6)]),
    "softmax": (lambda x: torch.softmax(x, 1), [normal(2, 4, 3)]),
    "logSoftmax": (lambda x: torch.log_softmax(x, 1), [normal(2, 4, 3)]),
    "reduceSum over axes": (lambda x: x.sum((0, 2)), [normal(2, 3, 4)]),
    "reduceMean over all": (torch.mean, [normal(2, 3, 4)]),
    "reduceSumSquare, axes kept": (lambda x: (x * x).sum((1,), keepdim=True), [normal(2, 3, 4)]),
    "topK": (lambda x: torch.topk(x, 3, 1).values, [normal(2, 7, 3)]),
    "matmul, broadcast": (torch.matmul, [normal(2, 3, 4), normal(4, 5)]),
    "reshape": (lambda x: x.reshape(4, 6), [normal(2, 3, 4)]),
    "transpose": (lambda x: x.permute(2, 0, 1), [normal(2, 3, 4)]),
    "expand": (lambda x: x.expand(2, 3, 4), [normal(3, 1)]),
    "concat": (lambda a, b: torch.cat([a, b], 1), [normal(2, 3), normal(2, 4)]),
    "split": (lambda x: x[:, :2] * 2 - x[:, 2:], [normal(3, 4)]),
    "slice, steps": (lambda x: x[:, 1::3, :5:2], [normal(2, 8, 7)]),
    "slice, backwards": (lambda x: x.flip(1)[:, 1:], [normal(2, 5)]),
    "pad": (lambda x: F.pad(x, (1, 2, 0, 3)), [normal(2, 3)]),
    "conv 3D": (lambda x, w, b: F.conv3d(x, w, b, padding=1),
                [normal(2, 3, 4, 5, 6), normal(4, 3, 3, 3, 3), normal(4)]),
    "conv 3D, stride 2": (lambda x, w, b: F.conv3d(x, w, b, stride=2, padding=1),
                          [normal(2, 3, 6, 5, 8), normal(4, 3, 3, 3, 3), normal(4)]),
    "conv 3D, anisotropic": (lambda x, w, b: F.conv3d(x, w, b, stride=(1, 2, 2), padding=(0, 1, 1)),
                             [normal(1, 2, 3, 6, 4), normal(3, 2, 1, 3, 3), normal(3)]),
    "conv 3D, 1x1x1": (lambda x, w, b: F.conv3d(x, w, b),
                       [normal(2, 3, 2, 3, 4), normal(2, 3, 1, 1, 1), normal(2)]),
    "conv 3D, stride 3": (lambda x, w, b: F.conv3d(x, w, b, stride=3, padding=1),
                          [normal(1, 2, 7, 6, 5), normal(2, 2, 3, 3, 3), normal(2)]),
    "conv 2D": (lambda x, w, b: F.conv2d(x, w, b, padding=1),
                [normal(2, 3, 5, 6), normal(4, 3, 3, 3), normal(4)]),
    "conv 2D, stride 2": (lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1),
                          [normal(2, 1, 6, 8), normal(4, 1, 3, 3), normal(4)]),
    "conv 2D, dilated": (lambda x, w, b: F.conv2d(x, w, b, dilation=2, padding=2),
                         [normal(2, 3, 6, 7), normal(2, 3, 3, 3), normal(2)]),
    "conv 2D, even kernel": (lambda x, w, b: F.conv2d(x, w, b, stride=2),
                             [normal(1, 2, 6, 8), normal(3, 2, 2, 4), normal(3)]),
    "convTranspose 3D": (lambda x, w, b: F.conv_transpose3d(x, w, b, stride=2),
                         [normal(2, 3, 2, 3, 4), normal(3, 2, 2, 2, 2), normal(2)]),
    "convTranspose 3D, anisotropic": (lambda x, w, b: F.conv_transpose3d(x, w, b, stride=(1, 2, 2)),
                                      [normal(1, 3, 2, 3, 2), normal(3, 2, 1, 2, 2), normal(2)]),
    "convTranspose 2D": (lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2),
                         [normal(2, 3, 3, 4), normal(3, 2, 2, 2), normal(2)]),
    "averagePool 3D, anisotropic": (lambda x: F.avg_pool3d(x, (1, 2, 3)), [normal(2, 3, 2, 4, 6)]),
    "averagePool 2D, with a rest": (lambda x: F.avg_pool2d(x, 2), [normal(2, 2, 5, 4)]),
    "instanceNorm 3D": (lambda x, s, b: F.instance_norm(x, weight=s, bias=b, eps=1e-5),
                        [normal(2, 3, 3, 4, 5), positive(3), normal(3)]),
    "instanceNorm 2D": (lambda x, s, b: F.instance_norm(x + 3, weight=s, bias=b, eps=1e-5),
                        [normal(2, 3, 4, 5), positive(3), normal(3)]),
    "erf": (torch.erf, [normal(7)]),
    "layerNorm": (lambda x, s, b: F.layer_norm(x + 3, (5,), weight=s, bias=b, eps=1e-5),
                  [normal(2, 4, 5), positive(5), normal(5)]),
    "attention": (F.scaled_dot_product_attention,
                  [normal(2, 3, 5, 4), normal(2, 3, 6, 4), normal(2, 3, 6, 2)]),
    "batchNorm 3D, own statistics": (batch_norm, [normal(3, 2, 3, 4, 2), positive(2), normal(2)]),
    "batchNorm 2D, own statistics as results": (with_statistics, [normal(3, 2, 4, 5), positive(2), normal(2)]),
    "batchNorm 2D, given statistics": (
        given_statistics, [normal(2, 3, 4, 5), positive(3), normal(3), normal(3), positive(3)]),
}


def stored(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{v:.9g}") for v in tensor.flatten().tolist()]}


golden = {}
for name, (function, inputs) in CASES.items():
    # Rounded to float32 first, so that the stored inputs are those used for the computation.
    inputs = [x.float().double().requires_grad_() for x in inputs]
    y = function(*inputs)
    cotangent = torch.randn(y.shape, dtype=torch.float64).float().double()
    gradients = torch.autograd.grad((y * cotangent).sum(), inputs)
    golden[name] = {
        "inputs": [stored(x.detach()) for x in inputs],
        "output": stored(y.detach()),
        "cotangent": stored(cotangent),
        "gradients": [stored(g) for g in gradients],
    }

Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
