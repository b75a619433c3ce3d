"""Prints, as JSON, what TensorBoard and the client of Weights & Biases read from log files.

The first argument is a folder with events, the second a file `run-ID.wandb`. An event file's records
are those that TensorBoard's loader returns; a run file's are read with the client's DataStore, which
checks its checksums.
"""

import glob
import json
import math
import sys

try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from wandb.proto import wandb_internal_pb2
    from wandb.sdk.internal.datastore import DataStore
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()


def plain(value):
    return None if isinstance(value, float) and math.isnan(value) else value


def events(folder):
    accumulator = EventAccumulator(folder)
    accumulator.Reload()
    return {
        tag: [[event.step, plain(event.value)] for event in accumulator.Scalars(tag)]
        for tag in accumulator.Tags()["scalars"]
    } | {"files": len(glob.glob(folder + "/*")), "tensors": accumulator.Tags()["tensors"]}


def run(path):
    store = DataStore()
    store.open_for_scan(path)
    found = {"history": [], "summary": {}, "config": {}, "kinds": []}
    while (data := store.scan_data()) is not None:
        record = wandb_internal_pb2.Record()
        record.ParseFromString(data)
        kind = record.WhichOneof("record_type")
        found["kinds"].append(kind)
        if kind == "run":
            found["id"], found["project"] = record.run.run_id, record.run.project
        if kind == "config":
            for item in record.config.update:
                found["config"][item.key] = json.loads(item.value_json)
        if kind == "summary":
            for item in record.summary.update:
                found["summary"][item.key] = plain(json.loads(item.value_json))
        if kind == "history":
            row = {item.nested_key[0]: plain(json.loads(item.value_json))
                   for item in record.history.item}
            assert row["_step"] == record.history.step.num
            found["history"].append(row)
    return found


json.dump({"events": events(sys.argv[1]), "run": run(sys.argv[2])}, sys.stdout)
