#!/bin/sh
# Installs what the project needs on a bare Debian, Ubuntu or Binder machine. The Dockerfile, the
# development container and Binder call this script, so they all get the same.
#
# usage: .devcontainer/install.sh STEP...
#
#   system   as root: Debian's packages
#   project  as the user: Deno, the npm packages, the kernel, and the command nnunet in ~/.local/bin
#   jupyter  JupyterLab, in the project's .venv
#   cuda     the libraries for NVIDIA GPUs, 2 GB
#   small    removes what only other systems need, and caches
set -eu
cd "$(dirname "$0")/.."
deno_version=2.9.6
PATH="$HOME/.local/bin:$PATH"

system() {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends ca-certificates python3 python3-venv >/dev/null
  apt-get clean
  rm -rf /var/lib/apt/lists/*
}

# Deno is also a package of PyPI's, and Jupyter needs Python anyway; npm would add Node.
deno_itself() {
  deno --version 2>/dev/null | grep -q "^deno $deno_version " && return
  folder="$HOME/.local/share/deno-$deno_version"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --no-cache-dir "deno==$deno_version"
  mkdir -p "$HOME/.local/bin"
  ln -sf "$folder/bin/deno" "$HOME/.local/bin/deno"
}

project() {
  deno_itself
  deno install --quiet --frozen
  deno task --quiet kernel:install
  deno task --quiet install --dir "$HOME/.local/bin"
}

jupyter() {
  PIP_NO_CACHE_DIR=1 deno task --quiet jupyter --install
}

cuda() {
  nnunet install_cuda --python .venv/jupyter/bin/python
}

# ONNX Runtime's package has its library for each system. Hard links share a file between Deno's cache
# and node_modules, so it has to go from both.
small() {
  machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  for folder in node_modules "$(deno info --json | sed -n 's/^ *"npmCache": "\(.*\)".*/\1/p')"; do
    find "$folder" -type f -path '*/onnxruntime-node/*/napi-v*/*' ! -path "*/linux/$machine/*" -delete
  done
  rm -rf "$HOME/.cache/pip"
}

for step in "$@"; do
  case "$step" in
    system | project | jupyter | cuda | small) "$step" ;;
    *) echo "install.sh: unknown step $step; expected system, project, jupyter, cuda or small" >&2 && exit 2 ;;
  esac
done
