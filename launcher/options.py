# SPDX-License-Identifier: MIT
"""A small option parser: one-line errors with a suggestion, which argparse does not give."""
from launcher.console import LauncherError, suggestion

# Options of stock ns-3 that go by another name here.
STOCK_NAMES = {"-d": "--preset", "--build-profile": "--preset", "--enable-examples": "--preset"}


class Options:
    """What was given: values by long name, and the words that are no options."""

    def __init__(self, values, words):
        self.values = values
        self.words = words

    def get(self, name, default=None):
        return self.values.get(name, default)

    def flag(self, name):
        return name in self.values


def split(argument):
    """"--name=value" -> ("--name", "value"); "--name" -> ("--name", None)."""
    name, equals, value = argument.partition("=")
    return name, value if equals else None


def is_option(argument):
    return argument.startswith("-") and argument != "-"


def take(verb, arguments, index, flags, valued, values):
    """Stores the option at `index` in `values` and returns the index behind it."""
    name, value = split(arguments[index])
    if name in flags:
        if value is not None:
            raise LauncherError("option %s of '%s' takes no value" % (name, verb))
        values[flags[name]] = True
        return index + 1
    if name not in valued:
        raise unknown_option(verb, name, [*flags, *valued])
    index += 1
    if value is None:
        if index == len(arguments) or arguments[index] == "--":
            raise LauncherError("option %s of '%s' needs a value" % (name, verb))
        value = arguments[index]
        index += 1
    if value == "":
        raise LauncherError("option %s of '%s' needs a value, not an empty one" % (name, verb))
    values[valued[name]] = value
    return index


def unknown_option(verb, name, known):
    if name in STOCK_NAMES and STOCK_NAMES[name] in known:
        hint = "; did you mean '%s'?" % STOCK_NAMES[name]
    else:
        hint = suggestion(name, known)
    return LauncherError("unknown option '%s' of '%s'%s" % (name, verb, hint))


def parse(verb, arguments, flags=(), valued=(), most_words=0):
    """Options in any place; `flags` and `valued` are long names, or (short, long) pairs."""
    flags, valued = by_spelling(flags), by_spelling(valued)
    values, words = {}, []
    index = 0
    while index < len(arguments):
        if is_option(arguments[index]):
            index = take(verb, arguments, index, flags, valued, values)
        else:
            words.append(arguments[index])
            index += 1
    if most_words is not None and len(words) > most_words:
        raise LauncherError("unexpected argument '%s' of '%s'; see './ns3 %s --help'"
                            % (words[most_words], verb, verb))
    return Options(values, words)


def by_spelling(names):
    spellings = {}
    for name in names:
        pair = (name,) if isinstance(name, str) else name
        for spelling in pair:
            spellings[spelling] = pair[-1]
    return spellings


def whole_number(verb, name, text):
    if not text.isdigit() or int(text) < 1:
        raise LauncherError("option %s of '%s' needs a whole number above 0, not '%s'"
                            % (name, verb, text))
    return int(text)
