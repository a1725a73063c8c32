"""The Typer app `lsc`: global options, one line per command, and what becomes of errors."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from lsccli.commands import (
    caption,
    channel,
    config,
    export,
    generate,
    methods,
    models,
    rank,
    report,
    run,
    score,
    show,
    transmit,
)
from lsccli.commands.context import DEFAULT_DB, Session
from lsccli.core.errors import LscError

GLOBALS = ("db", "artifacts", "models", "device", "dtype", "batch_size", "plugins", "json", "quiet")
CONFIG_FILE = "lsc.toml"
_DISK_FULL = "The disk is full; what was finished is kept. Make room and run the command again."

app = typer.Typer(
    name="lsc",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Language-oriented semantic communication: an image becomes words, the words cross a channel, "
    "and an image is drawn from those that have arrived.",
)


def _version(asked: bool) -> None:
    if asked:
        from lsccli import __version__

        print(f"lsc {__version__}")
        raise typer.Exit


@app.callback()
def globals_(
    ctx: typer.Context,
    db: Annotated[str, typer.Option(envvar="LSC_DB", help="The store: a SQLite URL or a path.")] = DEFAULT_DB,
    artifacts: Annotated[
        str | None,
        typer.Option(envvar="LSC_ARTIFACTS", help="Folder of images. \\[default: beside the store]"),
    ] = None,
    models: Annotated[
        str, typer.Option(envvar="LSC_MODELS", help="storybook, paper, turbo, or a TOML file.")
    ] = "storybook",
    device: Annotated[
        str, typer.Option(envvar="LSC_DEVICE", help="auto, cpu, cuda, cuda:N or mps.")
    ] = "auto",
    dtype: Annotated[
        str, typer.Option(envvar="LSC_DTYPE", help="auto, float32, float16 or bfloat16.")
    ] = "auto",
    batch_size: Annotated[
        str, typer.Option(envvar="LSC_BATCH_SIZE", help="Images per batch: a number, or auto.")
    ] = "auto",
    plugins: Annotated[
        list[Path] | None,
        typer.Option(
            "--plugin",
            envvar="LSC_PLUGINS",
            metavar="FILE",
            help="A Python file with methods; may be repeated.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep the global options for the command."""
    if not db:
        raise LscError("--db is empty; write sqlite:///PATH.")
    from lsccli.core.registry.plugins import use_files

    use_files(plugins or [])
    ctx.obj = Session(db, artifacts, models, device, dtype, batch_size, json, quiet, plugins or [])


app.command("caption")(caption.caption)
app.command("rank")(rank.rank)
app.command("transmit")(transmit.transmit)
app.command("generate")(generate.generate)
app.command("score")(score.score)
app.command("channel")(channel.channel)
app.command("report")(report.report)
app.command("run")(run.run)
app.command("show")(show.show)
app.command("export")(export.export)
app.command("models")(models.models)
app.command("methods")(methods.methods)
app.command("config")(config.config)


def read_config_file(path: Path) -> dict[str, Any]:
    """Defaults from `lsc.toml`: global options at the top, a table per command; LscError on unknown names."""
    import tomllib

    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LscError(f"{path} is not a TOML file: {error}.") from error
    commands = {command.name: command for command in typer.main.get_group(app).commands.values()}
    found: dict[str, Any] = {}
    for entry, value in tables.items():
        name = entry.replace("-", "_")
        if isinstance(value, dict) and entry in commands:
            known = {parameter.name for parameter in commands[entry].params}
            found[entry] = {option.replace("-", "_"): setting for option, setting in value.items()}
            unknown = sorted(set(found[entry]) - known)
        else:
            unknown = [] if name in GLOBALS and not isinstance(value, dict) else [entry]
            texts = value if name == "plugins" and isinstance(value, list) else [value]
            if not unknown and not all(isinstance(text, str | int | float) for text in texts):
                raise LscError(f"{path}: {entry} must be text, a number or true or false, not {value!r}.")
            found[name] = [str(text) for text in texts] if name == "plugins" else _default(value)
        if unknown:
            raise LscError(f"{path}: unknown name {unknown[0]!r}; lsc config lists what can be set.")
    return found


def _default(value: Any) -> Any:
    """A global option's value as the command line would have it."""
    return value if isinstance(value, bool) else str(value)


def main(arguments: list[str] | None = None) -> None:
    """Run `lsc`; never shows a traceback for what a user can mend."""
    sys.exit(_run(arguments))


def _run(arguments: list[str] | None) -> int:
    try:
        command = typer.main.get_command(app)
        defaults = read_config_file(Path(CONFIG_FILE))
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
    print(f"{word}{message}", file=sys.stderr)
    return code
