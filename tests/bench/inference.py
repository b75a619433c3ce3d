"""nnU-Net's side of `deno task bench:inference`.

Reads one JSON object per line and answers each with one: {"versions": names}; {"network": ...} makes
a U-Net, {"forward": n} times n passes, with "channelsLast" for tensors whose channels are innermost
in memory; {"export": ...} computes labels from logits in a separate process; {"predict": ...}
segments a folder with nnU-Net's predictor, in new processes or one after another in this one;
{"stages": ...} does the latter and reports the time of reading, network and export.
"""

import json
import multiprocessing
import os
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path

os.environ["nnUNet_compile"] = "false"

import numpy as np
import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet
from nnunetv2.inference import export_prediction
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from nnunetv2.utilities.utils import create_lists_from_splitted_dataset_folder
from torch import nn


def process_memory(key):
    """A field of this process's status on Linux, in bytes; 0 on other systems."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return 0
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1]) * 1024


class Forward:
    """A network with random weights, and a batch for it."""

    def __init__(self, shape, features, kernels, strides, heads, threads):
        torch.set_num_threads(threads)
        dimensions = len(shape) - 2
        self.network = PlainConvUNet(
            shape[1], len(features), features,
            nn.Conv3d if dimensions == 3 else nn.Conv2d, kernels, strides,
            [2] * len(features), heads, [2] * (len(features) - 1), conv_bias=True,
            norm_op=nn.InstanceNorm3d if dimensions == 3 else nn.InstanceNorm2d,
            norm_op_kwargs={"eps": 1e-5, "affine": True},
            nonlin=nn.LeakyReLU, nonlin_kwargs={"inplace": True}, deep_supervision=False).eval()
        self.image = torch.randn(*shape)

    @torch.inference_mode()
    def milliseconds(self, channels_last):
        if channels_last:
            memory_format = torch.channels_last_3d if self.image.ndim == 5 else torch.channels_last
        else:
            memory_format = torch.contiguous_format
        self.network = self.network.to(memory_format=memory_format)
        self.image = self.image.contiguous(memory_format=memory_format)
        start = time.perf_counter()
        self.network(self.image)
        return 1000 * (time.perf_counter() - start)


def export_logits(job):
    """Seconds, and peak bytes above logits and libraries. A process's peak is never reset."""
    manager = PlansManager(job["plans"])
    configuration = manager.get_configuration(job["configuration"])
    labels = manager.get_label_manager(job["dataset"])
    logits = np.random.default_rng(0).random((job["heads"], *job["from"]), dtype=np.float32)
    before = process_memory("VmRSS")
    start = time.perf_counter()
    shape = tuple(job["to"])
    segmentation = export_prediction.convert_predicted_logits_to_segmentation_with_correct_shape(
        logits, manager, configuration, labels,
        {
            "spacing": job["spacing"],
            "shape_before_cropping": shape,
            "shape_after_cropping_and_before_resampling": shape,
            "bbox_used_for_cropping": [[0, n] for n in shape],
        }, num_threads_torch=job["threads"])
    seconds = time.perf_counter() - start
    assert segmentation.shape == shape
    return {"seconds": seconds, "peakBytes": process_memory("VmHWM") - before}


def in_new_process(function, argument):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, (argument,))


def open_predictor(model, threads):
    torch.set_num_threads(threads)
    predictor = nnUNetPredictor(device=torch.device("cpu"), allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(model, (0,))
    return predictor


def predict(model, input, output, threads, processes):
    """Predicts a folder with `processes` new processes each for reading and export, or without."""
    start = time.perf_counter()
    predictor = open_predictor(model, threads)
    if processes:
        predictor.predict_from_files(
            input, output, num_processes_preprocessing=processes,
            num_processes_segmentation_export=processes)
    else:
        os.makedirs(output, exist_ok=True)  # The other way creates the folder itself.
        predictor.predict_from_files_sequential(input, output)
    return {"seconds": time.perf_counter() - start}


def stages(model, input, output, threads):
    """Seconds of each stage, one case after another."""
    predictor = open_predictor(model, threads)
    plans, configuration = predictor.plans_manager, predictor.configuration_manager
    preprocessor = configuration.preprocessor_class(verbose=False)
    seconds = {"reading": 0, "network": 0, "export": 0}
    ending = predictor.dataset_json["file_ending"]
    for files in create_lists_from_splitted_dataset_folder(input, ending):
        start = time.perf_counter()
        data, _, properties = preprocessor.run_case(
            files, None, plans, configuration, predictor.dataset_json)
        read = time.perf_counter()
        logits = predictor.predict_logits_from_preprocessed_data(torch.from_numpy(data)).numpy()
        predicted = time.perf_counter()
        name = os.path.basename(files[0])[:-len("_0000" + ending)]
        export_prediction.export_prediction_from_logits(
            logits, properties, configuration, plans, predictor.dataset_json,
            os.path.join(output, name), num_threads_torch=threads)
        seconds["reading"] += read - start
        seconds["network"] += predicted - read
        seconds["export"] += time.perf_counter() - predicted
    return seconds


def main():
    # nnU-Net's processes print to standard output, so answers use a copy of it.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    forward = None
    for line in sys.stdin:
        request = json.loads(line)
        if "versions" in request:
            answer = {name: version(name) for name in request["versions"]}
        elif "network" in request:
            forward = Forward(**request["network"])
            answer = {}
        elif "forward" in request:
            answer = [forward.milliseconds(request["channelsLast"]) for _ in range(request["forward"])]
        elif "export" in request:
            answer = in_new_process(export_logits, request["export"])
        elif "predict" in request:
            answer = predict(**request["predict"])
        else:
            answer = stages(**request["stages"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
