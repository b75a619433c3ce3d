#!/bin/sh
# Checks an installation: the command from another folder, a short tutorial, and JupyterLab with the
# kernel. usage: .devcontainer/check.sh
set -eu
project=$(cd "$(dirname "$0")/.." && pwd)
PATH="$HOME/.local/bin:$PATH"
scratch=$(mktemp -d)
trap 'kill "$lab" 2>/dev/null || true; rm -rf "$scratch"' EXIT
lab=

cd "$scratch"
nnunet --version
nnunet devices

cd "$project"
deno task --quiet tutorial --epochs 1 --iterations 2 --base_features 4 --output "$scratch/tutorial" \
  >"$scratch/tutorial.log" 2>&1 || { tail -n 20 "$scratch/tutorial.log" >&2 && exit 1; }
tail -n 1 "$scratch/tutorial.log"

# JupyterLab of the project, or of the machine, as on Binder.
if [ -x .venv/jupyter/bin/python ]; then
  python=.venv/jupyter/bin/python
  deno task --quiet jupyter -- --no-browser --ServerApp.port=0 --ServerApp.port_retries=0 \
    >"$scratch/lab.log" 2>&1 &
else
  python=python3
  jupyter lab --no-browser --ServerApp.port=0 >"$scratch/lab.log" 2>&1 &
fi
lab=$!
for _ in $(seq 100); do
  url=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\/lab[^ ]*\).*/\1/p' "$scratch/lab.log" | head -n 1)
  [ -n "$url" ] && break
  sleep 0.5
done
"$python" - "$url" <<'PYTHON' || { cat "$scratch/lab.log" >&2 && exit 1; }
import json, sys, urllib.parse, urllib.request
from jupyter_client.manager import start_new_kernel

address = urllib.parse.urlsplit(sys.argv[1])
def ask(path, method="GET"):
    url = address._replace(path=path).geturl()
    return urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60).read()

assert b"JupyterLab" in ask("/lab"), "JupyterLab does not answer"
assert "deno-nnunet" in json.loads(ask("/api/kernelspecs"))["kernelspecs"], "the kernel is missing"
print("JupyterLab answers and has the kernel")

manager, client = start_new_kernel(kernel_name="deno-nnunet", startup_timeout=120)
said = []
def hear(message):
    if message["msg_type"] == "stream":
        said.append(message["content"]["text"])
reply = client.execute_interactive(
    'import { Planner } from "nnunet"; console.log(typeof Planner)', output_hook=hear, timeout=120)
manager.shutdown_kernel(now=True)
assert reply["content"]["status"] == "ok" and "function" in "".join(said), (reply["content"], said)
print("The kernel imports nnunet")
ask("/api/shutdown", "POST")
PYTHON
echo "All works"
