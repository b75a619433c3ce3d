"""nnU-Net's side of `deno task bench:preprocessing`.

Reads one JSON object per line and answers each with one: {"make": ...} writes a case, {"run": ...}
preprocesses and stores cases with nnU-Net's `DefaultPreprocessor.run_case_save`, without compression,
in "processes" processes, and reports the time of its steps.
"""

import json
import multiprocessing
import re
import sys
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

import blosc2
import numpy as np
import SimpleITK as sitk
from nnunetv2.preprocessing.preprocessors import default_preprocessor as module
from nnunetv2.utilities.plans_handling.plans_handler import ConfigurationManager, PlansManager

seconds = {}


def timed(step, function):
    def run(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds[step] = seconds.get(step, 0) + time.perf_counter() - start
    return run


class TimedConfiguration(ConfigurationManager):
    @property
    def resampling_fn_data(self):
        return timed("resampling", super().resampling_fn_data)

    @property
    def resampling_fn_seg(self):
        return timed("labels", super().resampling_fn_seg)


def process_memory(key):
    """A field of this process's status on Linux, in bytes; 0 on other systems.

    Not `ru_maxrss`, which a process inherits from its parent.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:
        return 0
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1]) * 1024


def run_case(job):
    seconds.clear()
    for old in Path(job["output"]).parent.glob(Path(job["output"]).name + "*"):
        old.unlink()  # blosc2 does not overwrite files.
    manager = PlansManager(job["plans"])
    configuration = TimedConfiguration(job["plans"]["configurations"][job["configuration"]])
    reader = manager.image_reader_writer_class
    original = reader.read_images, reader.read_seg
    crop, save = module.crop_to_nonzero, module.nnUNetDatasetBlosc2.save_case
    preprocessor = module.DefaultPreprocessor(verbose=False)
    reader.read_images, reader.read_seg = (timed("reading", f) for f in original)
    module.crop_to_nonzero = timed("cropping", crop)
    plain = [blosc2.Filter.NOFILTER]
    module.nnUNetDatasetBlosc2.save_case = staticmethod(
        timed("writing", partial(save, clevel=0, filters=plain, filters_seg=plain)))
    preprocessor._normalize = timed("normalising", preprocessor._normalize)
    preprocessor._sample_foreground_locations = timed(
        "locations", preprocessor._sample_foreground_locations)
    start = time.perf_counter()
    before = process_memory("VmRSS")
    try:
        preprocessor.run_case_save(job["output"], job["images"], job["label"], manager,
                                   configuration, job["dataset"])
    finally:
        reader.read_images, reader.read_seg = original
        module.crop_to_nonzero = crop
        module.nnUNetDatasetBlosc2.save_case = staticmethod(save)
    peak = process_memory("VmHWM") - before
    return {"total": time.perf_counter() - start, **seconds, "peakBytes": peak}


def make(shape, spacing, kind, image, label):
    """Writes an ellipsoid with three labels inside: a head in zeros, or a body in air."""
    rng = np.random.default_rng(1)
    z, y, x = np.ogrid[tuple(slice(-1, 1, n * 1j) for n in shape)]
    radius = np.sqrt((z / 0.97) ** 2 + (y / 0.91) ** 2 + (x / 0.87) ** 2)
    noise = rng.normal(0, 20, size=shape)
    if kind == "head":
        values = np.where(radius > 1, 0, 700 + 200 * np.sin(9 * z) * np.cos(11 * y) + noise)
    else:
        values = np.where(radius > 1, -1000, np.where(radius > 0.6, 40, 100)) + noise
    labels = np.select([radius < 0.2, radius < 0.3, radius < 0.35], [1, 2, 3], 0)
    for path, array in ((image, values.astype(np.int16)), (label, labels.astype(np.uint8))):
        file = sitk.GetImageFromArray(array)
        file.SetSpacing(spacing[::-1])
        sitk.WriteImage(file, path, useCompression=True)
    return {"foreground": int((labels > 0).sum())}


def main():
    pools = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "versions" in request:
            answer = {name: version(name) for name in request["versions"]}
        elif "make" in request:
            answer = make(**request["make"])
        else:
            jobs = request["run"]
            count = request["processes"]
            start = time.perf_counter()
            # New processes as in `nnUNetv2_preprocess`. Memory also requires new processes, because
            # a process's peak is never reset.
            if request["fresh"]:
                with multiprocessing.get_context("spawn").Pool(count) as pool:
                    cases = pool.map(run_case, jobs, chunksize=1)
            else:
                if count not in pools:
                    pools[count] = multiprocessing.get_context("spawn").Pool(count)
                    pools[count].map(time.sleep, [0.5] * count, chunksize=1)
                    start = time.perf_counter()
                cases = pools[count].map(run_case, jobs, chunksize=1)
            answer = {"seconds": time.perf_counter() - start, "cases": cases}
        print(json.dumps(answer), flush=True)
    for pool in pools.values():
        pool.terminate()


if __name__ == "__main__":
    main()
