"""Inputs with bytes changed, taken out or doubled: each must be read, or refused in one clear line."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lsccli.core.errors import LscError
from lsccli.core.store.artifacts import Artifacts, npy, read_npy

if TYPE_CHECKING:
    from benchmarks.endurance.world import World

PATIENCE = 60
CAPTION_FILES = {
    "captions.txt": 'image,caption\na.jpg,A dog .\nb.jpg,"A cat, ""red"" ."\nb.jpg,"[\'x\', \'y\']"\n',
    "results.csv": "image_name| comment_number| comment\na.jpg| 0| A dog .\nb.jpg| 1   A cat .\n",
    "t.token": "a.jpg#0\tA dog .\nb.jpg#1\tA caf\u00e9 .\n",
    "metadata.csv": 'file_name,captions\na.jpg,"[\'A dog\', ""A man\'s cat""]"\nb.jpg,"[""x"", ""y""]"\n',
    "metadata.jsonl": '{"file_name": "a.jpg", "text": "A dog"}\n{"file_name": "B.jpg", "text": ["x", "y"]}\n',
    "coco.json": json.dumps(
        {"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2.0, "file_name": "b.jpg"}],
         "annotations": [{"image_id": "1", "caption": "A dog"}, {"image_id": 2, "caption": "['x', 'y']"}]}
    ),
    "dataset_flickr8k.json": json.dumps(
        {"images": [{"filename": "a.jpg", "filepath": "x", "sentences": [{"raw": "A dog"}, {"raw": "x"}]}]}
    ),
}  # fmt: skip
# Each format in the forms in which it comes.
PICTURES: dict[str, list[dict[str, Any]]] = {
    "JPEG": [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}],
    "PNG": [{}, {"mode": "P"}, {"mode": "LA"}, {"mode": "1"}, {"mode": "I;16"}],
    "WEBP": [{}, {"lossless": True}, {"mode": "RGBA"}, {"save_all": True}],
    "BMP": [{}, {"mode": "P"}, {"mode": "1"}, {"mode": "RGBA"}],
    "TIFF": [{}, {"compression": "tiff_lzw"}, {"compression": "jpeg"}, {"mode": "1", "compression": "group4"},
             {"mode": "F"}, {"mode": "I", "compression": "tiff_deflate"}, {"mode": "LAB"}],
    "GIF": [{}, {"mode": "1"}, {"save_all": True}],
}  # fmt: skip
CONFIG = """\
db = "sqlite:///x.sqlite"
models = "turbo"
device = "cpu"
[run]
method = ["order", "allBob"]
limit = 8
ebn0_db = "0:8:2"
[report]
compare = true
"""


def changed(content: bytes, generator: random.Random) -> bytes:
    """A copy with bytes changed, taken out, doubled or cut off, or numbers set to extremes."""
    body = bytearray(content)
    for _ in range(generator.choice((1, 1, 2, 4, 16))):
        at = generator.randrange(min(len(body), generator.choice((64, len(body)))))
        way = generator.randrange(6)
        if way == 0:
            body[at] = generator.randrange(256)
        elif way == 1:
            body[at] ^= 1 << generator.randrange(8)
        elif way == 2:
            body[at : at + 4] = generator.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
        elif way == 3:
            del body[at : at + generator.randint(1, 8)]
        elif way == 4:
            body[at:at] = body[at : at + generator.randint(1, 32)]
        else:
            del body[max(8, at) :]
        if not body:
            break
    return bytes(body)


def picture_files(kind: str) -> Iterator[bytes]:
    """One small picture in each form of a format, with EXIF where the format takes it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:01:01 00:00:00"
    exif.get_ifd(0x8825)[1] = "N"
    x, y = np.meshgrid(np.linspace(0, 1, 24), np.linspace(0, 1, 16))
    scene = Image.fromarray((np.stack([x, y, x * y], axis=-1) * 255).astype(np.uint8))
    grey = np.asarray(scene.convert("L"))
    numbers = {"I": grey.astype(np.int32) * 257, "F": grey / np.float32(255)}
    numbers["I;16"] = grey.astype(np.uint16) * 257
    for form in PICTURES[kind]:
        options = dict(form)
        image = scene
        if mode := options.pop("mode", None):
            image = Image.fromarray(numbers[mode]) if mode in numbers else scene.convert(mode)
        if options.get("save_all"):
            options["append_images"] = [image.transpose(Image.Transpose.ROTATE_180)]
        if kind in ("JPEG", "PNG", "WEBP"):
            options["exif"] = exif
        stream = BytesIO()
        image.save(stream, format=kind, **options)
        yield stream.getvalue()


class UnseenError(LscError):
    """Other figures, of which no check can know that they are wrong: another number in its range."""


@dataclass(frozen=True)
class Kind:
    """A kind of input: whole ones by the name of their file, and how one is read.

    `read` takes the file, returns nothing, and raises LscError, or another of `refusals`, in one clear line.
    """

    told: str
    make: Callable[[World], dict[str, bytes]]
    read: Callable[[Path, World], None]


def _pictures(world: World) -> dict[str, bytes]:
    return {f"{kind}-{n}": content for kind in PICTURES for n, content in enumerate(picture_files(kind))}


def _read_picture(path: Path, world: World) -> None:
    from lsccli.core.data.pictures import PictureError, decode

    try:
        shown = decode(path.read_bytes(), at_most=8)
    except PictureError as error:
        raise LscError(str(error)) from error
    if shown.mode != "RGB" or min(shown.size) < 1:
        raise ValueError(f"{shown.mode} {shown.size}")


def _read_captions(path: Path, world: World) -> None:
    from lsccli.core.data.dataset import read_dataset

    for name in ("a.jpg", "b.jpg"):
        if not (path.parent / name).exists():
            shutil.copy(world.folder / "scenes" / "0.png", path.parent / name)
    notes = read_dataset(path, path.parent).notes
    if not all(line.isprintable() for line in notes):
        raise ValueError(repr(notes))


def _settings(world: World) -> dict[str, bytes]:
    import lsccli

    files = sorted((Path(lsccli.__file__).parent / "profiles").glob("*.toml"))
    return {"lsc.toml": CONFIG.encode(), **{path.name: path.read_bytes() for path in files}}


def _read_settings(path: Path, world: World) -> None:
    import typer

    from lsccli.cli import make_app
    from lsccli.commands.config_file import read_globals, set_command_defaults
    from lsccli.core.models.profile import load_profile

    if path.name == "lsc.toml":
        if not hasattr(_read_settings, "commands"):
            setattr(_read_settings, "commands", typer.main.get_group(make_app()).commands)  # noqa: B010
        commands = getattr(_read_settings, "commands")  # noqa: B009
        read_globals(path, commands)
        set_command_defaults(path, commands)
    else:
        load_profile(str(path))


def _artifacts(world: World) -> dict[str, bytes]:
    folder = world.folder / "whole" / "db" / "artifacts"
    pictures = {f"{n}.png": path.read_bytes() for n, path in enumerate(sorted(folder.rglob("*.png"))[:8])}
    maps = np.linspace(0, 1, 3 * 24 * 24, dtype=np.float32).reshape(3, 24, 24)
    return {**pictures, "maps.npy": npy(maps)}


def _read_artifact(path: Path, world: World) -> None:
    """A file that is not the one whose SHA-256 the store holds is none; and its form alone breaks nothing."""
    digest = sha256(_artifacts_of(world)[path.name]).digest()
    changed_file = path.read_bytes()
    place = path.parent / f"generations/00/{'0' * 64}{path.suffix}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(changed_file)
    content = Artifacts(path.parent).read(str(place.relative_to(path.parent)), digest)
    if (content is None) != (sha256(changed_file).digest() != digest):
        raise ValueError(f"{path.name} is taken for what it is not")
    read_npy(changed_file)
    if content is None:
        raise LscError("not the file of the store")


@cache
def _artifacts_of(world: World) -> dict[str, bytes]:
    return _artifacts(world)


def _stores(world: World) -> dict[str, bytes]:
    return {"lsc.sqlite": (world.folder / "whole" / "db" / "lsc.sqlite").read_bytes()}


def _read_store(path: Path, world: World) -> None:
    """Report; and verify, where the report is another than that of the store as it was."""
    code, out, err = _called(world, "--db", path, "--json", "report")
    if code == 0 and out != _whole(world):
        code, out, err = _called(world, "--db", path, "--json", "verify")
        if code == 0:
            raise UnseenError
        err = err or "found by verify"
    if code:
        # Where there is no curve a report says why in its JSON.
        raise LscError(err or str(json.loads(out)["nothing"]))


@cache
def _whole(world: World) -> str:
    return _called(world, "--db", world.folder / "whole" / "db" / "lsc.sqlite", "--json", "report")[1]


def _called(world: World, *words: object) -> tuple[int, str, str]:
    from lsccli.cli import _run

    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = _run([*world.shell.arguments, *map(str, words)])
    return code, out.getvalue(), err.getvalue().strip()


KINDS = {
    "pictures": Kind("six formats in 27 forms", _pictures, _read_picture),
    "captions": Kind("caption files of seven forms", lambda world: {
        name: text.encode() for name, text in CAPTION_FILES.items()}, _read_captions),
    "settings": Kind("profiles and lsc.toml", _settings, _read_settings),
    "artifacts": Kind("images of Bob's and maps, beside the store", _artifacts, _read_artifact),
    "stores": Kind("by `report` and, where its figures differ, by `verify`", _stores, _read_store),
}  # fmt: skip


@dataclass
class Outcome:
    """How many inputs were refused, how many gave other figures that nothing can see, and what went wrong."""

    refused: int = 0
    unseen: int = 0
    wrong: list[str] = field(default_factory=list)


def in_child(kind: str, seed: float, tries: int, world: World) -> Outcome:
    """Read so many mutated inputs in a child, so that a crash is one failure."""
    report = world.folder / f"mutated-{os.getpid()}.json"
    report.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries in C complain there
            outcome = tried(KINDS[kind], random.Random(f"{kind} {seed}"), tries, world)
            report.write_text(json.dumps(vars(outcome)))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if not report.exists():
        return Outcome(wrong=[f"{kind}, seed {seed}: ended with {os.waitstatus_to_exitcode(status)}"])
    return Outcome(**json.loads(report.read_text()))


def tried(kind: Kind, generator: random.Random, tries: int, world: World) -> Outcome:
    """Read so many mutated inputs here; standard error is lost."""
    outcome = Outcome()
    whole = kind.make(world)
    with tempfile.TemporaryDirectory(dir=world.folder) as name:
        folder = Path(name)
        signal.signal(signal.SIGALRM, _late)
        for _ in range(tries):
            name = generator.choice(list(whole))
            (folder / name).write_bytes(changed(whole[name], generator))
            signal.alarm(PATIENCE)
            try:
                with warnings.catch_warnings(action="ignore"):
                    kind.read(folder / name, world)
            except UnseenError:
                outcome.unseen += 1
            except LscError as error:
                outcome.refused += 1
                told = str(error)
                if not told or not told.replace("\n", "").isprintable() or "Traceback" in told:
                    outcome.wrong.append(f"{name}: unclear: {told!r}")
            except BaseException:
                shutil.copy(folder / name, world.folder.parent / f"wrong-{len(outcome.wrong)}-{name}")
                outcome.wrong.append(f"{name}: {traceback.format_exc()[-600:]}")
            finally:
                signal.alarm(0)
    return outcome


def _late(number: int, frame: object) -> None:
    raise TimeoutError(f"no answer in {PATIENCE} s")
