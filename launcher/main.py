# SPDX-License-Identifier: MIT
"""Verbs, their options and their help."""
import re

from launcher import build, ns3tree, run, testing, tools
from launcher.console import INTERRUPTED, LauncherError, note, unknown
from launcher.layout import DEFAULT_PRESET, check_preset
from launcher.options import parse, whole_number

SUMMARY = """usage: ./ns3 VERB ...

  run PROGRAM [--arg ...]   build what is needed and run it (ddl-scenario, ddl-workload, ddl-trace)
  test [--long]             build and run the tests
  plot [DIR]                draw the figures of a results folder (default: results/latest)
  bench [--long] [CASE ...] measure packet-hops per CPU second
  validate                  simulate measured collectives and say how far off they come out
  build [TARGET ...]        build (--preset=release, dev or asan)
  configure                 configure a build, or --ns3=DIR for an ns-3 source tree of your own
  format, lint              clang-format, clang-tidy
  show WHAT                 profile, targets, version or config
  clean                     remove build/

Missing system packages are named and installed; --no-install only names them.
./ns3 VERB --help has the options. First run: ./ns3 run ddl-scenario --topology=fattree
"""

HELP = {
    "configure": """usage: ./ns3 configure [--preset=release|dev|asan] [--no-install]
       ./ns3 configure --ns3=DIR [--preset=...] [-- OPTIONS OF NS-3'S OWN CONFIGURE]
       ./ns3 configure --ns3=off

Without --ns3 the build uses the distribution's ns-3 (libns3-dev). With --ns3=DIR, an ns-3 source
tree of version 3.37 or newer: links ns3-module to DIR/contrib/ddl, runs DIR/ns3 configure, and
build and run use that tree until --ns3=off or a plain configure. Modules that the tree is
configured for stay enabled.
""",
    "build": """usage: ./ns3 build [--preset=release|dev|asan] [-j N] [--no-install] [TARGET ...]

Builds everything, or the targets named (./ns3 show targets lists the programs).
""",
    "run": """usage: ./ns3 run [OPTION ...] PROGRAM [--arg ...]
       ./ns3 run [OPTION ...] "PROGRAM --arg ..."
       ./ns3 run PROGRAM [OPTION ...] -- --arg ...

Builds PROGRAM where needed and runs it in the current folder. What stands behind PROGRAM is the
program's: ./ns3 run ddl-scenario --PrintHelp lists what it takes.

  --preset=NAME             release (default), dev or asan
  --no-build                run what is there
  --gdb, -g, --valgrind     run it under gdb or valgrind
  --command-template=TEXT   run it as TEXT, in which %s stands for the program
  --cwd=DIR                 run it in DIR
  -j N                      build with N jobs
  --no-install              only name missing system packages
""",
    "test": """usage: ./ns3 test [--long] [--preset=release|dev|asan] [-R PATTERN] [-j N]
                  [--no-install]

Runs the quick C++ and Python tests, or all of them with --long; -R only those whose name matches.
The last line counts them. Exit status 1 where one failed or none ran.
""",
    "bench": """usage: ./ns3 bench [--no-install] [--long] [CASE ...]

Measures the release build; prints a table and writes results/bench/bench.json.
""",
    "plot": """usage: ./ns3 plot [--no-install] [DIR] [OPTION OF THE ANALYSIS ...]
       ./ns3 plot [--no-install] --topology=NAME [OPTION OF DDL-SCENARIO ...]

Draws the figures of a results folder (default: results/latest) and writes its report. With
--topology it draws a network without simulating it, into a folder under results/topology. Of a
folder that ddl-workload describe --csv=DIR wrote it draws memory over time and the pipeline.
""",
    "validate": """usage: ./ns3 validate [--no-install] [--cases=FILE.csv] [--max-size=SIZE]
                      [--table=PATTERN] [--jobs=N] [--estimate] [--out=DIR]
                      [-- OPTION OF DDL-SCENARIO ...]
       ./ns3 validate --training [--estimate] [--max-gpus=N] [--table=PATTERN]
       ./ns3 validate --nccl-log=FILE --hardware=HOST [--nodes=N] [--operation=NAME]
                      [--gpus=N] [--launch=HOW] [--algorithm=NAME] [--in-place]
       ./ns3 validate ... --calibrate | --leave-one-out [--parameters=NAME,...] [--widen=SHARE]
                      [--rounds=N]

Simulates what somebody has measured and compares: the collectives or, with --training, the whole
iterations of the project's own cases, a case file of either kind,
or the output of nccl-tests. Errors by size class, figures and tables go to results/validate.
--estimate asks the closed formulas alone, in seconds; --calibrate fits the parameters of the
library presets and writes presets of its own. docs/validate.md has all options and columns.
""",
    "format": """usage: ./ns3 format [--check] [--no-install] [FILE ...]

Formats the C++ sources with clang-format; --check only says which files would change (status 1).
""",
    "lint": """usage: ./ns3 lint [--no-install] [FILE ...]

Checks the C++ sources with clang-tidy, with the commands of the dev or else the release build.
""",
    "show": "usage: ./ns3 show profile|targets|version|config\n",
    "clean": "usage: ./ns3 clean\n\nRemoves build/; results and traces stay.\n",
}


def jobs_of(verb, options):
    text = options.get("--jobs")
    return whole_number(verb, "-j", text) if text else None


def preset_of(options):
    return check_preset(options.get("--preset", DEFAULT_PRESET))


def configure(arguments):
    extra = []
    if "--" in arguments:
        separator = arguments.index("--")
        arguments, extra = arguments[:separator], arguments[separator + 1:]
    options = parse("configure", arguments, ["--no-install"], ["--preset", "--ns3"])
    preset = preset_of(options)
    tree = options.get("--ns3", "off")
    install = not options.flag("--no-install")
    if tree != "off":
        ns3tree.configure(tree, preset, extra, install)
        return 0
    if extra:
        raise LauncherError("options behind '--' are for an ns-3 source tree: configure --ns3=DIR")
    ns3tree.forget()
    with build.locked(preset):
        build.configure(preset, install)
    return 0


def build_verb(arguments):
    options = parse("build", arguments, ["--no-install"], ["--preset", ("-j", "--jobs")],
                    most_words=None)
    install = not options.flag("--no-install")
    preset = preset_of(options)
    if ns3tree.remembered() and "--preset" not in options.values:
        ns3tree.build_all(options.words, jobs_of("build", options), install)
    else:
        build.build(preset, options.words, install, jobs_of("build", options))
    return 0


def test(arguments):
    options = parse("test", arguments, ["--long", "--no-install"],
                    ["--preset", "-R", ("-j", "--jobs")])
    pattern = options.get("-R")
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise LauncherError("-R: '%s' is no regular expression: %s"
                                % (pattern, error)) from error
    return testing.test(preset_of(options), options.flag("--long"), pattern,
                        jobs_of("test", options), not options.flag("--no-install"))


def leading_no_install(arguments):
    """--no-install first is the launcher's; the other words go on as they are."""
    if arguments and arguments[0] == "--no-install":
        return arguments[1:], False
    return arguments, True


def bench(arguments):
    return tools.bench(*leading_no_install(arguments))


def plot(arguments):
    return tools.plot(*leading_no_install(arguments))


def validate(arguments):
    return tools.validate(*leading_no_install(arguments))


def format_verb(arguments):
    options = parse("format", arguments, ["--check", "--no-install"], most_words=None)
    return tools.format_sources(options.words, options.flag("--check"),
                                not options.flag("--no-install"))


def lint(arguments):
    options = parse("lint", arguments, ["--no-install"], most_words=None)
    return tools.lint(options.words, not options.flag("--no-install"))


def show(arguments):
    words = parse("show", arguments, most_words=1).words
    what = words[0] if words else "config"
    if what not in tools.SHOWN:
        raise unknown("thing to show", what, tools.SHOWN)
    tools.SHOWN[what]()
    return 0


def clean(arguments):
    parse("clean", arguments)
    tools.clean()
    return 0


VERBS = {"configure": configure, "build": build_verb, "run": run.run, "test": test, "bench": bench,
         "plot": plot, "validate": validate, "format": format_verb, "lint": lint, "show": show,
         "clean": clean}


def dispatch(arguments):
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(SUMMARY, end="")
        return 0
    verb, *rest = arguments
    if verb not in VERBS:
        raise unknown("verb", verb, VERBS)
    # Behind the first word it may be a program's.
    asked = rest[:1] if verb in ("run", "plot", "bench", "validate") else rest
    if "-h" in asked or "--help" in asked:
        print(HELP[verb], end="")
        return 0
    return VERBS[verb](rest)


def main(arguments):
    try:
        return dispatch(arguments)
    except LauncherError as error:
        note(str(error))
        return error.status
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 1
