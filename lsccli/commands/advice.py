"""Commands that are advised, as they have to be typed: with the global options in force."""

from __future__ import annotations

import re
from collections.abc import Sequence

import typer

from lsccli.core.report.escape import shell_word

# Those of the global options that say what a command works with, as typed.
_FLAGS = {
    "db": "--db",
    "artifacts": "--artifacts",
    "device": "--device",
    "dtype": "--dtype",
    "batch_size": "--batch-size",
    "plugins": "--plugin",
    "models": "--models",
}
_COMMANDS = (
    "caption|rank|transmit|generate|score|run|report|show|export|runs|forget|verify|gc|merge|models|methods"
)
# Advice may name the models itself, after `lsc`.
_QUOTED = r"""\$?(?:'[^']*'|"[^"]*")+"""
# What is quoted is a path or a text of the user's, whatever it looks like.
_ADVICE = re.compile(rf"(?<!\S){_QUOTED}|\blsc (?P<models>--models (?:{_QUOTED}|\S+) )?(?=(?:{_COMMANDS})\b)")


def typed_options(ctx: typer.Context) -> list[str]:
    """The global options that were typed, flag by value, as a shell takes them.

    What the environment or `lsc.toml` says holds for the advised command too.
    """
    words: list[str] = []
    for name, flag in _FLAGS.items():
        source = ctx.get_parameter_source(name)
        if source is None or source.name != "COMMANDLINE":
            continue
        value = ctx.params.get(name)
        for each in value if isinstance(value, list | tuple) else [value]:
            words += [flag, shell_word(each)]
    return words


def advised(text: str, options: Sequence[str]) -> str:
    """The text, each command of `lsc` in it with the global options in force."""

    def whole(found: re.Match[str]) -> str:
        if not found[0].startswith("lsc "):
            return found[0]
        own = found["models"] or ""
        pairs = zip(options[::2], options[1::2], strict=True)
        kept = [f"{flag} {value} " for flag, value in pairs if not (own and flag == "--models")]
        return f"lsc {''.join(kept)}{own}"

    return _ADVICE.sub(whole, text)
