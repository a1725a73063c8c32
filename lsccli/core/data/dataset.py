"""Which images there are, and what people said about them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from lsccli.core.data.caption_files import form_of, read_captions
from lsccli.core.data.matching import SUFFIXES, match
from lsccli.core.data.names import is_text, leads_out, natural, note, plain, relative_to
from lsccli.core.errors import LscError

_CAPTIONS = (".txt", ".token", ".json", ".csv", ".tsv", ".jsonl", ".parquet")
_KINDS = ", ".join(suffix[1:] for suffix in SUFFIXES)
# In a folder that has several, the first counts.
CAPTION_FILES = ("captions.txt", "Flickr8k.token.txt", "metadata.csv", "metadata.jsonl", "metadata.parquet")
# The same, where they have that form: others use these names too.
_ALSO = ("results_20130124.token", "results.csv", "dataset_flickr8k.json", "dataset_flickr30k.json",
         "dataset_coco.json")  # fmt: skip
_LIKELY = re.compile(
    r"caption|token|annotation|metadata|sentence|flickr|^(results|dataset)[_.]", re.IGNORECASE
)


@dataclass(frozen=True)
class ImageFile:
    """An image file below the root of its data set, and people's captions of it, where there are any."""

    path: Path
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Images in natural order of their names, all below `root`; `notes` say what matched and what did not.

    Attributes:
        name: what the data set goes by: the image or the folder; a caption file where another one was given
            than the folder itself would be read with, or a JSON, which lists the images too.
        captions: the caption file that was read, where there is one.
    """

    root: Path
    entries: list[ImageFile]
    notes: list[str] = field(default_factory=list)
    name: Path = Path()
    captions: Path | None = None


def read_dataset(data: Path, images: Path | None = None) -> Dataset:
    """The images of DATA and people's captions of them. No image is opened.

    DATA is an image; a folder of images (searched through, hidden files left out), in which a file of
    captions may lie; such a file itself; or a COCO captions JSON, whose images lie in the folder `images`.
    Captions are Flickr8k's `captions.txt` or `Flickr8k.token.txt`, Flickr30k's `results_20130124.token` or
    `results.csv`, Karpathy's JSON, or Hugging Face's `metadata.csv`, `.jsonl` or `.parquet`; under another
    name they are read where they are the only ones. A folder yields all its images, with captions or without;
    a JSON that is given yields those that it lists. What a caption file names outside of the folder, be it
    through a link, is refused.

    Raises:
        LscError: nothing there, no image among it, or a malformed caption file.
    """
    place = _existing(data)
    below = None if images is None else _existing(images)
    if below is not None and not below.is_dir():
        raise LscError(f"--images must be a folder, and {plain(images)} is none.")
    captions, notes = _caption_file(data, place)
    if captions is None:
        if below is not None:
            raise LscError(f"--images belongs to a file of captions, and {plain(data)} is or has none.")
        if place.is_file():
            return Dataset(place.parent, [ImageFile(place)], name=place)
    lists = captions is not None and captions.suffix.lower() == ".json" and not place.is_dir()
    if captions is not None and lists and below is None and form_of(captions) != "karpathy":
        raise LscError(f"{plain(data)} is a COCO captions file: say where its images are with --images DIR.")
    root = below or (place if place.is_dir() else data.expanduser().absolute().parent.resolve())
    read = read_captions(captions) if captions is not None else None
    listed, left = ([], []) if lists else _list_images(root)
    notes = left + notes
    found: dict[Path, list[str]] = {path: [] for path in listed}
    if captions is not None and read is not None:
        notes = match(found, read, root, plain(captions.name)) + notes
    if not found:
        where = f"{root} that {captions.name} names" if lists and captions is not None else str(data)
        detail = f" {notes[-1]}." if notes else ""
        raise LscError(
            f"No images in {plain(where)}: give an image, or a folder with some ({_KINDS}).{detail}"
        )
    order = sorted(found, key=lambda path: natural(path.relative_to(root).as_posix()))
    entries = [ImageFile(path, tuple(found[path])) for path in order]
    file = None if captions is None else named(captions)
    own = file is None or (not lists and (place == root or _own_captions(root) == file))
    return Dataset(root, entries, notes, root if own else file or root, file)


def named(data: Path) -> Path:
    """A file under the name given, in a folder that has one name only; a link in a cache keeps its name."""
    absolute = data.expanduser().absolute()
    return absolute.parent.resolve() / absolute.name


def _own_captions(folder: Path) -> Path | None:
    """The caption file that a folder is read with."""
    try:
        return _captions_within(folder)[0]
    except (LscError, OSError):
        return None


def folder_of(data: Path) -> Path:
    """What `--data` means as a place: the folder of a caption file, anything else itself.

    Raises:
        LscError: for a COCO JSON, which does not say where its images lie.
    """
    place = data.expanduser().resolve()
    if not place.is_file() or data.suffix.lower() not in _CAPTIONS:
        return place
    if data.suffix.lower() == ".json" and form_of(place) != "karpathy":
        raise LscError(
            f"--data {plain(data)}: a COCO file does not say where its images lie; give their folder."
        )
    # The name as given: a link in a download cache leads away from the images.
    return data.expanduser().absolute().parent.resolve()


def _existing(path: Path) -> Path:
    try:
        place = path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise LscError(f"No such file or folder: {plain(path)}") from error
    if not is_text(str(place)):
        raise LscError(f"{plain(place)}: a name that is not UTF-8 cannot be kept; rename it.")
    return place


def _caption_file(data: Path, place: Path) -> tuple[Path | None, list[str]]:
    """The caption file that DATA is or has, and notes on those that do not count beside it."""
    if place.is_dir():
        if not os.access(place, os.R_OK | os.X_OK):
            raise LscError(f"{plain(data)} cannot be read: permission denied.")
        return _captions_within(place)
    # The name as given: a link in a download cache points to a file without suffix.
    if place.is_file() and data.suffix.lower() in SUFFIXES:
        return None, []
    if place.is_file() and data.suffix.lower() in _CAPTIONS:
        return data.expanduser().absolute(), []
    raise LscError(f"{plain(data)} is no image ({_KINDS}), folder or file of captions.")


def _captions_within(folder: Path) -> tuple[Path | None, list[str]]:
    names = sorted((n for n in os.listdir(folder) if _may_be_captions(folder / n)), key=natural)
    known = [name for name in CAPTION_FILES if name in names]
    likely = [
        n for n in names if n not in known and (n in _ALSO or _LIKELY.search(n) or n.endswith(".token"))
    ]
    formed = [
        n for n in names if n not in known and not leads_out(folder / n, folder) and form_of(folder / n)
    ]
    known += [name for name in _ALSO if name in formed]
    also = [name for name in formed if name not in known]
    notes = note(
        "Files that look like captions, of no form that is known", [n for n in likely if n not in formed]
    )
    if not known and len(also) > 1:
        return None, notes + note(
            "Caption files not read, as there are several; give the one that counts", also
        )
    chosen = next(iter(known + also), None)
    if chosen is None:
        return None, notes
    if leads_out(folder / chosen, folder):
        raise LscError(
            f"{plain(folder / chosen)} is a link that leads out of the folder; give its target instead."
        )
    rest = [name for name in known + also if name != chosen]
    return folder / chosen, notes + note(f"Caption files not read, as {plain(chosen)} counts", rest)


def _may_be_captions(path: Path) -> bool:
    return (
        path.suffix.lower() in _CAPTIONS and not _hidden(path.name) and is_text(path.name) and path.is_file()
    )


def _list_images(root: Path) -> tuple[list[Path], list[str]]:
    """All images below `root`, and notes on what was left out."""
    found: list[Path] = []
    links: list[str] = []
    closed: list[str] = []
    deeper: list[str] = []
    odd: list[str] = []
    for folder, folders, files in os.walk(root, onerror=lambda error: closed.append(str(error.filename))):
        here = Path(folder)
        links += [relative_to(here / name, root) for name in folders if leads_out(here / name, root)]
        folders[:] = [name for name in folders if not _hidden(name)]
        for name in files:
            path = here / name
            if here != root and _may_be_captions(path) and not leads_out(path, root):
                deeper += [relative_to(path, root)] if name in CAPTION_FILES or form_of(path) else []
            if _hidden(name) or path.suffix.lower() not in SUFFIXES:
                continue
            if leads_out(path, root):
                links.append(relative_to(path, root))
            elif not is_text(str(path)):
                odd.append(relative_to(path, root))
            elif path.is_file():
                found.append(path)
    return found, [
        *note("Caption files further down, not read", sorted(deeper, key=natural)),
        *note("Folders that cannot be read, left out", closed),
        *note("Names that are not UTF-8, left out", odd),
        *note("Links that lead out of the folder or nowhere, left out", links),
    ]


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
