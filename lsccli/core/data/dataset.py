"""Which images there are, and what people said about them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsccli.core.data.caption_files import Named, read_captions
from lsccli.core.errors import LscError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_CAPTIONS = (".txt", ".token", ".json", ".csv", ".jsonl", ".parquet")
_KINDS = ", ".join(suffix[1:] for suffix in SUFFIXES)
# In a folder that has several, the first counts.
CAPTION_FILES = ("captions.txt", "Flickr8k.token.txt", "metadata.csv", "metadata.jsonl", "metadata.parquet")
# Where Flickr8k keeps its images, beside the captions.
_BELOW = ("", "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset")
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")
_NAMED = 3  # so many names are listed in a note


@dataclass(frozen=True)
class Entry:
    """An image file below the root of its data set, and people's captions of it, where there are any."""

    path: Path
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Images in natural order of their names, all below `root`; `notes` say what matched and what did not."""

    root: Path
    entries: list[Entry]
    notes: list[str] = field(default_factory=list)


def read_dataset(data: Path, images: Path | None = None) -> Dataset:
    """The images of DATA and people's captions of them. No image is opened.

    DATA is an image; a folder of images (searched through, hidden files left out), in which a Flickr8k
    `captions.txt` or `Flickr8k.token.txt` or a Hugging Face `metadata.csv`, `.jsonl` or `.parquet` may lie;
    such a caption file itself; or a COCO captions JSON, whose images lie in the folder `images`.
    A folder yields all its images, with captions or without; COCO those that the JSON lists. What a caption
    file names outside of the folder, be it through a link, is refused.

    Raises:
        LscError: nothing there, no image among it, or a malformed caption file.
    """
    place = _existing(data)
    below = None if images is None else _existing(images)
    if below is not None and not below.is_dir():
        raise LscError(f"--images must be a folder, and {images} is none.")
    captions, also = _caption_file(data, place)
    if captions is None:
        if below is not None:
            raise LscError(f"--images belongs to a file of captions, and {data} is or has none.")
        if place.is_file():
            return Dataset(place.parent, [Entry(place)])
    coco = captions is not None and captions.suffix.lower() == ".json"
    if coco and below is None:
        raise LscError(f"{data} is a COCO captions file: say where its images are with --images DIR.")
    root = below or (place if place.is_dir() else place.parent)
    named = read_captions(captions) if captions is not None else []
    listed, notes = ([], []) if coco else _list_images(root)
    found: dict[Path, list[str]] = {path: [] for path in listed}
    if captions is not None:
        notes = _match(found, named, root, captions.name) + notes
        notes += _note(f"Caption files not read, as {captions.name} counts", also)
    if not found:
        where = f"{root} that {captions.name} names" if coco and captions is not None else str(data)
        detail = f" {notes[-1]}." if notes else ""
        raise LscError(f"No images in {where}: give an image, or a folder with some ({_KINDS}).{detail}")
    order = sorted(found, key=lambda path: _natural(path.relative_to(root).as_posix()))
    return Dataset(root, [Entry(path, tuple(found[path])) for path in order], notes)


def folder_of(data: Path) -> Path:
    """What `--data` means as a place: the folder of a caption file, anything else itself.

    Raises:
        LscError: for a COCO JSON, which does not say where its images lie.
    """
    place = data.expanduser().resolve()
    if not place.is_file() or data.suffix.lower() not in _CAPTIONS:
        return place
    if data.suffix.lower() == ".json":
        raise LscError(f"--data {data}: a COCO file does not say where its images lie; give their folder.")
    # The name as given: a link in a download cache leads away from the images.
    return data.expanduser().absolute().parent.resolve()


def _existing(path: Path) -> Path:
    try:
        return path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise LscError(f"No such file or folder: {path}") from error


def _caption_file(data: Path, place: Path) -> tuple[Path | None, list[str]]:
    """The caption file that DATA is or has, and the names of those that do not count beside it."""
    if place.is_dir():
        if not os.access(place, os.R_OK | os.X_OK):
            raise LscError(f"{data} cannot be read: permission denied.")
        there = [name for name in CAPTION_FILES if (place / name).is_file()]
        if there and _leads_out(place / there[0], place):
            raise LscError(
                f"{place / there[0]} is a link that leads out of the folder; give its target instead."
            )
        return (place / there[0] if there else None), there[1:]
    # The name as given: a link in a download cache points to a file without suffix.
    if place.is_file() and data.suffix.lower() in SUFFIXES:
        return None, []
    if place.is_file() and data.suffix.lower() in _CAPTIONS:
        return data.expanduser().absolute(), []
    raise LscError(f"{data} is no image ({_KINDS}), folder or file of captions.")


def _list_images(root: Path) -> tuple[list[Path], list[str]]:
    """All images below `root`, and a note on the links that were not followed."""
    found: list[Path] = []
    links: list[str] = []
    closed: list[str] = []
    deeper: list[str] = []
    odd: list[str] = []
    for folder, folders, files in os.walk(root, onerror=lambda error: closed.append(str(error.filename))):
        here = Path(folder)
        links += [_relative(here / name, root) for name in folders if _leads_out(here / name, root)]
        folders[:] = [name for name in folders if not _hidden(name)]
        deeper += [_relative(here / name, root) for name in CAPTION_FILES if name in files and here != root]
        for name in files:
            path = here / name
            if _hidden(name) or path.suffix.lower() not in SUFFIXES:
                continue
            if _leads_out(path, root):
                links.append(_relative(path, root))
            elif not _is_text(str(path)):
                odd.append(_relative(path, root))
            elif path.is_file():
                found.append(path)
    return found, [
        *_note("Caption files further down, not read", deeper),
        *_note("Folders that cannot be read, left out", closed),
        *_note("Names that are not UTF-8, left out", odd),
        *_note("Links that lead out of the folder or nowhere, left out", links),
    ]


def _match(found: dict[Path, list[str]], named: Iterable[Named], root: Path, file: str) -> list[str]:
    """Give the images in `found` their captions, add those not listed yet; notes on what matched."""
    bases = [root / below for below in _BELOW if (root / below).is_dir()]
    places: dict[str, Path | str] = {}
    empty = 0
    for name, captions in named:
        if name not in places:
            places[name] = _locate(name, root, bases)
        path = places[name]
        if isinstance(path, Path):
            clean = [_clean(caption) for caption in captions]
            empty += clean.count("")
            found.setdefault(path, []).extend(caption for caption in clean if caption)
    without = [_relative(path, root) for path, captions in found.items() if not captions]
    total = sum(map(len, found.values()))
    notes = [f"{file}: {len(found) - len(without)} of {len(found)} images have captions, {total} in all"]
    notes += _note("Images without a caption", sorted(without, key=_natural))
    for why in ("not there, left out", "outside of the folder, refused", "no images, left out"):
        notes += _note(
            f"Files that {file} names and that are {why}", [n for n, p in places.items() if p == why]
        )
    if empty:
        notes.append(f"Empty captions in {file}, left out: {empty}")
    return notes


def _locate(name: str, root: Path, bases: Sequence[Path]) -> Path | str:
    """The image that a caption file names, or why there is none. Nothing outside of `root` is looked at."""
    relative = Path(os.path.normpath(name))
    if relative.is_absolute() or relative.drive or ".." in relative.parts[:1]:
        return "outside of the folder, refused"
    for base in bases:
        path = base / relative
        if _leads_out(path, root, way=True):
            return "outside of the folder, refused"
        try:
            if path.is_file():
                return path if path.suffix.lower() in SUFFIXES else "no images, left out"
        except (OSError, ValueError):  # a name that no file can have
            break
    return "not there, left out"


def _leads_out(path: Path, root: Path, *, way: bool = False) -> bool:
    """Whether a link at `path` (or, with `way`, on the way to it) leads out of `root` or nowhere."""
    try:
        if not way and not path.is_symlink():
            return False
        return not path.resolve(strict=not way).is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return not way


def _is_text(name: str) -> bool:
    """Whether a file's name can be stored: on Linux it may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _clean(caption: str) -> str:
    """One line of text that can be stored and printed, its white space single."""
    return " ".join(caption.encode("utf-8", "replace").decode().translate(_CONTROL).split())


def _natural(name: str) -> tuple[list[str | int], str]:
    """A key that sorts img2 before img10."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if i % 2 else part.casefold() for i, part in enumerate(parts)], name


def _note(what: str, names: Sequence[str]) -> list[str]:
    """`what (how many): the first few`, names shown so that a terminal takes no orders from them."""
    if not names:
        return []
    shown = [(name if len(name) <= 60 else name[:59] + "…") for name in names[:_NAMED]]
    plain = ["".join(c if c.isprintable() else ascii(c)[1:-1] for c in name) for name in shown]
    return [f"{what} ({len(names)}): {', '.join(plain)}{', …' if len(names) > _NAMED else ''}"]
