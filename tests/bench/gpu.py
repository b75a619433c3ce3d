"""PyTorch's side of `deno task bench:gpu`: training steps and inference on one device.

Reads one JSON object per line from standard input. An object with "patch" sets up a network; one
with "train" or "infer" (a number of repetitions) is answered with the milliseconds of each
repetition, measured between two synchronisations of the device; "channelsLast" puts channels
innermost in memory, and "tf32" lets products round float32 to TF32.
"""

import json
import sys
import time

import torch

from train_step import UNet, dice_and_cross_entropy


def main():
    state = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "patch" in request:
            state = set_up(request)
            device = state["device"]
            name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
            cudnn = torch.backends.cudnn.version() if device == "cuda" else None
            answer = {"version": torch.__version__, "device": name, "cuda": torch.version.cuda, "cudnn": cudnn}
        else:
            lay_out(state, request["channelsLast"])
            tf32 = request["tf32"]
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        if "train" in request:
            answer = {"milliseconds": [timed(state, step) for _ in range(request["train"])]}
        elif "infer" in request:
            answer = {"milliseconds": [timed(state, infer) for _ in range(request["infer"])]}
        print(json.dumps(answer), flush=True)


def set_up(setting):
    device = "cuda" if torch.cuda.is_available() and setting["device"] != "cpu" else "cpu"
    torch.backends.cudnn.benchmark = True
    torch.set_num_threads(setting["threads"])
    patch, batch, classes = setting["patch"], setting["batch"], setting["classes"]
    network = UNet(len(patch), 1, setting["features"], setting["kernels"], setting["strides"], classes).to(device)
    outputs = len(setting["features"]) - 1
    weights = [0 if outputs > 1 and i == outputs - 1 else 2.0**-i for i in range(outputs)]
    return {
        **setting,
        "device": device,
        "network": network,
        "weights": [w / sum(weights) for w in weights],
        "optimizer": torch.optim.SGD(network.parameters(), 0.01, 0.99, nesterov=True, weight_decay=3e-5),
        "scaler": torch.amp.GradScaler(device, enabled=setting["half"]),
        # On the host, as from a loader: copying them to the device is part of a step.
        "image": torch.randn(batch, 1, *patch),
        "target": torch.randint(0, classes, (batch, *patch)),
    }


def lay_out(state, is_channels_last):
    """Gives the network and the image the memory format, channels last or PyTorch's default."""
    if not is_channels_last:
        memory_format = torch.contiguous_format
    else:
        memory_format = torch.channels_last_3d if len(state["patch"]) == 3 else torch.channels_last
    state["network"].to(memory_format=memory_format)
    state["image"] = state["image"].contiguous(memory_format=memory_format)


def timed(state, work):
    if state["device"] == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    with torch.autocast(state["device"], torch.float16, enabled=state["half"]):
        work(state)
    if state["device"] == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1000


def step(state):
    network, optimizer, scaler = state["network"], state["optimizer"], state["scaler"]
    image, target = state["image"].to(state["device"]), state["target"].to(state["device"])
    optimizer.zero_grad(set_to_none=True)
    loss = 0
    for weight, logits in zip(state["weights"], network(image)):
        if weight:
            scale = [a // b for a, b in zip(state["patch"], logits.shape[2:])]
            labels = target[(slice(None), *(slice(s // 2, None, s) for s in scale))]
            loss = loss + weight * dice_and_cross_entropy(logits.float(), labels, state["batchDice"])
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(network.parameters(), 12)
    scaler.step(optimizer)
    scaler.update()
    return float(loss.detach())


@torch.inference_mode()
def infer(state):
    """Passes over a volume: tiles come from the host, weighted logits are summed on the device."""
    patch = state["patch"]
    total = torch.zeros(state["classes"], *patch, device=state["device"])
    tile = state["image"][:1]
    for _ in range(state["passes"]):
        total += state["network"](tile.to(state["device"]))[0][0] * 0.5
    return total.cpu()


main()
