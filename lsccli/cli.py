"""The Typer app `lsc`: global options, one line per command, and what becomes of errors."""

from __future__ import annotations

import errno
import inspect
import os
import sys
from collections.abc import Collection
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Annotated, get_type_hints

import typer

from lsccli.commands import (
    caption,
    channel,
    config,
    export,
    generate,
    methods,
    models,
    plugins,
    rank,
    report,
    run,
    score,
    show,
    terminal,
    transmit,
)
from lsccli.commands.config_file import CONFIG_FILE, read_config_file
from lsccli.commands.context import Session
from lsccli.commands.declared import Group, bare, widened
from lsccli.core.errors import LscError

_DISK_FULL = "The disk is full; what was finished is kept. Make room and run the command again."

_COMMANDS = (
    caption.caption,
    rank.rank,
    transmit.transmit,
    generate.generate,
    score.score,
    channel.channel,
    report.report,
    run.run,
    show.show,
    export.export,
    models.models,
    methods.methods,
    plugins.plugins,
    config.config,
)


def _version(asked: bool) -> None:
    if asked:
        from lsccli import __version__

        terminal.say(f"lsc {__version__}")
        raise typer.Exit


def _global_parameters() -> list[inspect.Parameter]:
    types = get_type_hints(Session, include_extras=True)
    return [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if one.default is MISSING else one.default,
            annotation=types[one.name],
        )
        for one in fields(Session)
    ]


_Globals = Annotated[Session, Group(_global_parameters, lambda values: Session(**values))]
_Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
]
_DEFAULTS = Session()


def _session(ctx: typer.Context, asked: _Globals = _DEFAULTS, version: _Version = False) -> None:
    """Keep the global options for the command."""
    if not asked.db:
        raise LscError("--db is empty; write sqlite:///PATH.")
    ctx.obj = asked


def make_app(whole: Collection[str] | None = None) -> typer.Typer:
    """The app, with the options of all that is registered by now; so make it after plug-ins are loaded.

    Args:
        whole: the commands that get their options; of the others it has but the names, which is faster.
    """
    app = typer.Typer(
        name="lsc",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        help="Language-oriented semantic communication: an image becomes words, the words cross a channel, "
        "and an image is drawn from those that have arrived.",
    )
    app.callback()(widened(_session))
    for command in _COMMANDS:
        name = command.__name__
        app.command(name)(widened(command) if whole is None or name in whole else bare(command))
    return app


def _prepare(arguments: list[str], file: Path) -> typer.Typer:
    """Load the plug-ins that the command line names, or else the environment, or the file of defaults.

    Their options belong to commands, so that they must be there before the command line is read as a whole.
    """
    import tomllib

    from lsccli.core.registry.plugins import use_files

    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):  # said when the file is read as a whole
        tables = {}
    named = tables.get("plugins", [])
    named = [str(name) for name in named] if isinstance(named, list) else [str(named)]
    reader = typer.main.get_command(make_app(()))
    found = reader.make_context("lsc", arguments, resilient_parsing=True, default_map={"plugins": named})
    use_files(found.params.get("plugins") or [])
    completing = "_LSC_COMPLETE" in os.environ
    return make_app(None if completing else {*arguments, *tables})


def main(arguments: list[str] | None = None) -> None:
    """Run `lsc`; never shows a traceback for what a user can mend."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    terminal.prepare()
    try:
        arguments = sys.argv[1:] if arguments is None else arguments
        file = Path(CONFIG_FILE)
        command = typer.main.get_group(_prepare(list(arguments), file))
        defaults = read_config_file(file, command.commands)
        code = command.main(arguments, prog_name="lsc", standalone_mode=False, default_map=defaults)
        if code == 130:
            return _interrupted()
        return code if isinstance(code, int) else 0
    except LscError as error:
        return _fail(str(error), 2)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except OSError as error:
        if error.errno == errno.EPIPE:
            return 1
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _fail(_DISK_FULL, 1)
        return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 1)
    except Exception as error:
        return _other(error)


def _interrupted() -> int:
    return _fail("Interrupted; what was finished is kept. Run the command again to go on.", 130, "")


def _other(error: Exception) -> int:
    if hasattr(error, "format_message"):  # wrong usage, found by Typer
        message = error.format_message().replace("\n", " ").strip()
        return _fail(message if message else "Missing command. See: lsc --help", 2)
    original = getattr(error, "orig", None)
    if original is not None:  # the database's own word
        if "full" in str(original):
            return _fail(_DISK_FULL, 1)
        return _fail(f"The store cannot be used: {original}.", 1)
    raise error


def _fail(message: str, code: int, word: str = "Error: ") -> int:
    terminal.complain(f"{word}{message}")
    return code
