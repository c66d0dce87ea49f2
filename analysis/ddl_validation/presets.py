# SPDX-License-Identifier: MIT
"""Presets of hosts and libraries: their parameters with ranges, and those that were fitted."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from ddl_analysis.style import write_whole

from ddl_validation.errors import BadInput, printable, read_bounded
from ddl_validation.layout import preset_folder

SIZE_MAX_BYTES = 1 << 20
# Parameters that count something, by the end of their names.
_WHOLE = ("channels", "channels_nodes", "slices", "chunk_bytes", "small_bytes", "large_bytes")


class Parameter(NamedTuple):
    name: str
    value: float
    low: float
    high: float

    @property
    def is_whole(self):
        return self.name.endswith(_WHOLE)


def _is_path(name):
    return "/" in name or name.endswith((".yaml", ".yml"))


def host_path(name):
    """The file of a host preset, by name or path; None where there is none."""
    folder = preset_folder("DDL_HOSTS_DIR", "hosts")
    path = Path(name) if _is_path(name) else folder / f"{name}.yaml"
    return path if path.is_file() else None


def _library_path(name):
    folder = preset_folder("DDL_LIBRARIES_DIR", "libraries")
    return Path(name) if _is_path(name) else folder / f"{name}.yaml"


def _load(path):
    try:
        loaded = yaml.safe_load(read_bounded(path, SIZE_MAX_BYTES))
    except yaml.YAMLError as error:
        raise BadInput(printable(path), f"is no YAML ({printable(error)})", "correct it") from error
    if not isinstance(loaded, dict):
        raise BadInput(printable(path), "is no map", "name a preset")
    return loaded


def host_facts(name):
    """The YAML of a host preset, with what it takes from the one that it is like."""
    path = host_path(name)
    if path is None:
        raise BadInput("--hardware", f"'{printable(name)}' is no known host",
                       "name a preset of hardware/hosts or a YAML file")
    facts = _load(path)
    if facts.get("kind") != "host":
        raise BadInput(printable(path), "is no host preset", "name a host of several GPUs")
    if "like" in facts:
        facts = {**host_facts(str(facts["like"])), **facts}
    return facts


def gpu_count(name):
    """Of a host."""
    return int(host_facts(name)["gpus"]["value"])


def libraries_of(host):
    """Names of the library presets of a host, the generation's first."""
    return tuple(host_facts(host).get("libraries", ()))


def parameters_of(libraries):
    """{name: Parameter} of the presets together; the later ones win."""
    found = {}
    for library in libraries:
        path = _library_path(library)
        for name, fact in _load(path).get("parameters", {}).items():
            try:
                found[name] = Parameter(name, *(float(fact[key]) for key in
                                                ("value", "low", "high")))
            except (KeyError, TypeError, ValueError) as error:
                raise BadInput(printable(path), f"'{printable(name)}' lacks value, low or high",
                               "write all three") from error
    return found


def _text(value):
    return repr(int(value)) if value == int(value) else repr(value)


def write_library(folder, name, parameters, values, source):
    """A library preset with the fitted values, in the ranges that they come from."""
    lines = ["# SPDX-License-Identifier: MIT", "#",
             "# Written by ./ns3 validate --calibrate. Stands behind the other libraries of a",
             "# host, and changes what it names.",
             "kind: library", f"name: {name}", f'description: "fitted to {_quoted(source)}"',
             "parameters:"]
    for key, value in sorted(values.items()):
        fact = parameters[key]
        low, high = min(fact.low, value), max(fact.high, value)
        lines += [f"  {key}:", f"    value: {_text(value)}", f"    low: {_text(low)}",
                  f"    high: {_text(high)}",
                  f'    source: "{_quoted(source)}, from {_text(fact.value)}"',
                  "    confidence: fitted"]
    return write_whole(folder / f"{name}.yaml", ("\n".join(lines) + "\n").encode("utf-8"))


def _quoted(text):
    return printable(text, 400).replace("\\", "\\\\").replace('"', '\\"')


def write_host(folder, host, name, libraries, library_path):
    """The host preset again, under another name and with one more library."""
    text = read_bounded(host_path(host), SIZE_MAX_BYTES)
    names = ", ".join([*libraries, f'"{_quoted(Path(library_path).resolve())}"'])
    text = re.sub(r"(?m)^name:.*$", f"name: {name}", text, count=1)
    line = f"libraries: [{names}]"
    if re.search(r"(?m)^libraries:.*$", text):
        text = re.sub(r"(?m)^libraries:.*$", lambda _: line, text, count=1)
    else:
        text = text.rstrip("\n") + f"\n{line}\n"
    return write_whole(folder / f"{name}.yaml", text.encode("utf-8"))
