"""The Typer app `lsc`: global options, one line per command, and what becomes of errors."""

from __future__ import annotations

import errno
import inspect
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lsccli.commands import (
    caption,
    channel,
    config,
    export,
    forget,
    gc,
    generate,
    methods,
    models,
    noise,
    plugins,
    rank,
    report,
    run,
    runs,
    score,
    show,
    terminal,
    transmit,
    verify,
)
from lsccli.commands.advice import typed_options
from lsccli.commands.config_file import CONFIG_FILE, read_globals, set_command_defaults, tables_of
from lsccli.commands.context import Session
from lsccli.commands.declared import Group, bare, widened
from lsccli.commands.streams import open_standard
from lsccli.commands.trust import check_trust
from lsccli.core.errors import LscError, UnobtainableError
from lsccli.core.interrupts import interrupt_on_signals, let_signals_end
from lsccli.core.registry.base import PluginError

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
    runs.runs,
    forget.forget,
    models.models,
    methods.methods,
    plugins.plugins,
    config.config,
    verify.verify,
    gc.gc,
)


@dataclass
class _Call:
    """One call of `lsc`: what was typed, and its global options once these are known."""

    arguments: list[str]
    session: Session | None = None

    def fail(self, error: LscError) -> int:
        """Say in one line what is wrong, and give the exit code."""
        text = str(error) if self.session is None else self.session.advised(str(error))
        return _fail(text, 1 if isinstance(error, UnobtainableError | PluginError) else 2)


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
        if one.init
    ]


_Globals = Annotated[Session, Group(_global_parameters, lambda values: Session(**values))]
_Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
]
_DEFAULTS = Session()


def _session(ctx: typer.Context, asked: _Globals = _DEFAULTS, version: _Version = False) -> None:
    """Keep the global options for the command."""
    call = ctx.find_object(_Call) or _Call([])
    asked.arguments, asked.typed = call.arguments, typed_options(ctx)
    ctx.obj = call.session = asked
    if not asked.db:
        raise LscError("--db is empty; write sqlite:///PATH.")


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


def _prepare(arguments: list[str], defaults: Mapping[str, Any]) -> typer.Typer:
    """Load the plug-ins that the command line names, or else the environment, or the file of defaults.

    Their options belong to commands, so that they must be there before the command line is read as a whole.
    """
    from lsccli.core.registry.base import left_out
    from lsccli.core.registry.plugins import use_files

    reader = typer.main.get_command(make_app(()))
    found = reader.make_context("lsc", list(arguments), resilient_parsing=True, default_map=defaults)
    files = found.params.get("plugins") or []
    completing = "_LSC_COMPLETE" in os.environ
    source = found.get_parameter_source("plugins")
    if files and source is not None and source.name == "DEFAULT_MAP":
        if completing or not {"--help", "-h", "--version"}.isdisjoint(arguments):
            files = []  # nobody is to be asked for a page of help
        else:
            check_trust(files, CONFIG_FILE, trust=found.params.get("trust") or False)
    use_files(files)
    app = make_app(None if completing else {*arguments, *tables_of(Path(CONFIG_FILE))})
    if not (completing or found.params.get("quiet")):
        for line in left_out():
            terminal.complain(line)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run `lsc`; never shows a traceback for what a user can mend."""
    try:
        open_standard()
        noise.hush()
        interrupt_on_signals()
        code = _run(arguments)
    except KeyboardInterrupt:  # once more, while the first was being dealt with
        code = 130
    except OSError:  # nobody hears what went wrong
        code = 1
    try:
        sys.stdout.flush()
    except OSError:  # Python would complain of it once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    except KeyboardInterrupt:
        code = 130
    let_signals_end()
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    call = _Call(list(sys.argv[1:] if arguments is None else arguments))
    terminal.prepare()
    try:
        file = Path(CONFIG_FILE)
        defaults = read_globals(file, [command.__name__ for command in _COMMANDS])
        command = typer.main.get_group(_prepare(list(call.arguments), defaults))
        set_command_defaults(file, command.commands)
        code = command.main(
            list(call.arguments), prog_name="lsc", standalone_mode=False, default_map=defaults, obj=call
        )
        if code == 130:
            return _interrupted()
        sys.stdout.flush()  # here, where a full disk or a closed pipe is told
        return code if isinstance(code, int) else 0
    except LscError as error:
        return call.fail(error)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except OSError as error:
        return _of_system(error)
    except Exception as error:
        return _other(error)


def _of_system(error: OSError) -> int:
    if error.errno == errno.EPIPE:
        return 1
    if error.errno == errno.EBADF and error.filename is None:
        return _fail("Standard output is closed, so the result went nowhere.", 1)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _fail(_DISK_FULL, 1)
    return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), 1)


def _interrupted() -> int:
    return _fail("Interrupted; what was finished is kept. Run the command again to go on.", 130, "")


def _other(error: Exception) -> int:
    if hasattr(error, "format_message"):  # wrong usage, found by Typer
        message = error.format_message().replace("\n", " ").strip()
        return _fail(message if message else "Missing command. See: lsc --help", 2)
    if "home directory" in str(error):  # of Path.expanduser
        return _fail(f"{str(error).rstrip('.')}; write the path without ~.", 2)
    original = getattr(error, "orig", None)
    if original is not None:  # the database's own word
        if "full" in str(original):
            return _fail(_DISK_FULL, 1)
        return _fail(f"The store cannot be used: {original}.", 1)
    raise error


def _fail(message: str, code: int, word: str = "Error: ") -> int:
    terminal.complain(f"{word}{message}")
    return code
