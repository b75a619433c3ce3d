"""Writes interface.json: every command of nnU-Net with its arguments, as its parsers declare them.

Made with nnunetv2 2.8.1. Each console script of the installed package is started, and stopped when
it parses its arguments.
"""

import argparse
import contextlib
import io
import json
import os
import sys
from importlib.metadata import distribution
from pathlib import Path
from tempfile import gettempdir

PREFIX = "nnUNetv2_"
KINDS = {"_StoreAction": "value", "_StoreTrueAction": "flag", "_StoreFalseAction": "flag"}

for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ[name] = gettempdir()
# A default that counts processors differs between machines; this variable is asked first.
os.environ["nnUNet_def_n_proc"] = "8"


class Parsed(Exception):
    """Carries a parser out of the command that made it."""


def stop(parser, *_args, **_options):
    raise Parsed(parser)


def parser_of(entry_point) -> argparse.ArgumentParser:
    command = entry_point.load()
    sys.argv = [entry_point.name]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            command()
        except Parsed as parsed:
            return parsed.args[0]
    raise SystemExit(f"{entry_point.name} parsed no arguments")


def values_of(action: argparse.Action) -> str:
    if KINDS[type(action).__name__] == "flag":
        return "none"
    return {None: "one", "+": "many"}[action.nargs]


def argument_of(action: argparse.Action) -> dict:
    default = action.default
    return {
        "names": action.option_strings or [action.dest],
        "positional": not action.option_strings,
        "values": values_of(action),
        "type": action.type.__name__ if action.type else "str",
        # Some say so only in their help, and fail without.
        "required": action.required or "[REQUIRED]" in (action.help or ""),
        "default": list(default) if isinstance(default, tuple) else default,
    }


argparse.ArgumentParser.parse_args = stop
argparse.ArgumentParser.parse_known_args = stop

package = distribution("nnunetv2")
commands = []
for entry_point in sorted(package.entry_points, key=lambda one: one.name.lower()):
    if entry_point.group != "console_scripts":
        continue
    actions = parser_of(entry_point)._actions
    commands.append(
        {
            "name": entry_point.name.removeprefix(PREFIX),
            "arguments": [argument_of(one) for one in actions if one.dest != "help"],
        }
    )

golden = {"package": f"nnunetv2 {package.version}", "prefix": PREFIX, "commands": commands}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")
