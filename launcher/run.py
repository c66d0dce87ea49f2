# SPDX-License-Identifier: MIT
"""`./ns3 run`: stock ns-3's argument forms and plain `run PROGRAM --arg`."""
import os
import shlex
from typing import NamedTuple

from launcher import build, ns3tree, packages
from launcher.console import LauncherError, unknown
from launcher.handover import replace_process
from launcher.layout import (DEFAULT_PRESET, PROGRAMS, bin_folder, build_folder,
                             check_preset, runtime_environment)
from launcher.options import by_spelling, is_option, split, take, whole_number

FLAGS = by_spelling(["--no-build", "--no-install", "--gdb", ("-g", "--valgrind")])
VALUED = by_spelling(["--preset", "--command-template", "--cwd", ("-j", "--jobs")])
# No program has these, so that behind the program's name they can only be the launcher's.
ALSO_BEHIND = ("--gdb", "--valgrind", "--no-build", "--no-install", "--command-template")
# `--model` and the default workload start the generator.
COMPANIONS = {"ddl-scenario": ("ddl-workload",)}


class Request(NamedTuple):
    program: str
    arguments: list
    options: dict


def parse(words):
    """The words behind `run` -> Request. Options before PROGRAM are the launcher's, those behind
    it the program's; before a "--" behind PROGRAM, stock ns-3 has the launcher's again."""
    values = {}
    index = 0
    while index < len(words) and is_option(words[index]) and words[index] != "--":
        index = take("run", words, index, FLAGS, VALUED, values)
    if index == len(words) or words[index] == "--":
        raise LauncherError("run needs a program: %s" % " ".join(PROGRAMS))
    program, *arguments = shlex_words(words[index])
    rest = words[index + 1:]
    if "--" in rest:
        separator = rest.index("--")
        arguments += launcher_options_out(rest[:separator], ALSO_BEHIND, values)
        arguments += rest[separator + 1:]
    else:
        arguments += launcher_options_out(rest, ALSO_BEHIND, values)
    return Request(program, arguments, values)


def shlex_words(text):
    """"PROGRAM --arg" in one word, as stock ns-3 wants it."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise LauncherError("cannot take '%s' apart: %s" % (text, error)) from error
    if not words:
        raise LauncherError("run needs a program: %s" % " ".join(PROGRAMS))
    return words


def launcher_options_out(words, names, values):
    """Takes the options `names` out of `words` into `values`; returns the words left."""
    left = []
    index = 0
    while index < len(words):
        if split(words[index])[0] in names:
            index = take("run", words, index, FLAGS, VALUED, values)
        else:
            left.append(words[index])
            index += 1
    return left


def find_program(request, preset):
    """Builds the program, unless told not to, and returns (its path, the build folder)."""
    name = request.program
    jobs = request.options.get("--jobs")
    jobs = whole_number("run", "--jobs", jobs) if jobs else None
    if ns3tree.remembered() and "--preset" not in request.options:
        return ns3tree.program(name, jobs, wanted_build="--no-build" not in request.options,
                               install="--no-install" not in request.options)
    folder = build_folder(preset)
    if name not in PROGRAMS and name not in build.programs(folder):
        raise unknown("program", name, set(build.programs(folder)) | set(PROGRAMS))
    if "--no-build" not in request.options:
        build.build(preset, (name, *COMPANIONS.get(name, ())), jobs=jobs, quiet=True,
                    install="--no-install" not in request.options)
    path = bin_folder(preset) / name
    if not path.is_file():
        raise LauncherError("%s is not built; leave --no-build away" % path)
    return path, folder


def command_line(path, request):
    """The program's command, inside a debugger or template where one is asked for."""
    values = request.options
    wanted = [name for name in ("--gdb", "--valgrind", "--command-template") if name in values]
    if len(wanted) > 1:
        raise LauncherError("%s and %s exclude each other" % (wanted[0], wanted[1]))
    command = [str(path)]
    if "--gdb" in values:
        command = ["gdb", "--args", *command]
    elif "--valgrind" in values:
        command = ["valgrind", "--leak-check=full", "--show-leak-kinds=all", *command]
    elif "--command-template" in values:
        template = values["--command-template"]
        if "%s" not in template:
            raise LauncherError("--command-template needs %%s where the program goes, not '%s'"
                                % template)
        command = [word.replace("%s", str(path)) for word in shlex_words(template)]
    return command + request.arguments


def check_before_building(request):
    """What can be told at once is not told after minutes of building."""
    command_line("", request)
    folder = request.options.get("--cwd")
    if folder and not os.path.isdir(folder):
        raise LauncherError("--cwd: there is no folder '%s'" % folder)
    for name, package in packages.DEBUGGERS.items():
        if "--" + name in request.options:
            packages.require([package], install="--no-install" not in request.options)


def run(words):
    request = parse(words)
    preset = check_preset(request.options.get("--preset", DEFAULT_PRESET))
    check_before_building(request)
    path, folder = find_program(request, preset)
    replace_process(command_line(path, request), runtime_environment(folder),
                    request.options.get("--cwd"))
