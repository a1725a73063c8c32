"""Which image each line of a caption file means, and what of it goes to the image."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lsccli.core.data.caption_files import Captions
from lsccli.core.data.names import Folders, is_text, natural, note, relative_to

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
# Where Flickr8k and Flickr30k keep their images, beside the captions.
_BELOW = (
    "", "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset", "flickr30k_images", "flickr30k-images",
    "flickr30k_images/flickr30k_images",
)  # fmt: skip
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")
_GONE = "not there, left out"
_OUTSIDE = "outside of the folder, refused"
_NO_IMAGE = "no images, left out"
_UNSURE = "there in other letter case only, with others that are as near, left out"


def match(found: dict[Path, list[str]], captions: Captions, root: Path, file: str) -> list[str]:
    """Give the images in `found` their captions, add those not listed yet; notes on what matched."""
    places, other_case = _places(captions, root)
    empty = 0
    for name, texts in captions.named:
        path = places[name]
        if isinstance(path, Path):
            clean = [_clean(text) for text in texts]
            empty += clean.count("")
            found.setdefault(path, []).extend(text for text in clean if text)
    without = [relative_to(path, root) for path, texts in found.items() if not texts]
    total = sum(map(len, found.values()))
    notes = [f"{file}: {len(found) - len(without)} of {len(found)} images have captions, {total} in all"]
    notes += note("Images without a caption", sorted(without, key=natural))
    for why in (_GONE, _OUTSIDE, _NO_IMAGE, _UNSURE):
        notes += note(
            f"Files that {file} names and that are {why}", [n for n, p in places.items() if p == why]
        )
    notes += note("Images found under another letter case", [f"{n} is {p}" for n, p in other_case])
    if empty:
        notes.append(f"Empty captions in {file}, left out: {empty}")
    return notes + captions.notes


def _places(captions: Captions, root: Path) -> tuple[dict[str, Path | str], list[tuple[str, str]]]:
    """Where each named image lies, or why it does not; and which were found in another letter case only."""
    folders = Folders()
    bases = [base for below in _BELOW if (base := folders.find(root, Path(below).parts)[0]) is not None]
    places: dict[str, Path | str] = {}
    near: dict[Path, list[str]] = {}
    for name in dict.fromkeys(name for name, _ in captions.named):
        ways = [name]
        if "\\" in name:  # as Windows divides folders
            ways.append(name.replace("\\", "/"))
        if captions.folders_optional:
            ways.append(name.rpartition("/")[2])
        for way in ways:
            places[name], unsure = _locate(way, root, bases, folders)
            if places[name] != _GONE:
                break
        if unsure:
            near.setdefault(Path(places[name]), []).append(name)
    other = []
    folded = {name for names in near.values() for name in names}
    taken = {path for name, path in places.items() if name not in folded}
    for path, names in near.items():
        if len(names) > 1 or path in taken:
            places.update(dict.fromkeys(names, _UNSURE))
        else:
            other.append((names[0], relative_to(path, root)))
    return places, other


def _locate(name: str, root: Path, bases: Sequence[Path], folders: Folders) -> tuple[Path | str, bool]:
    """The image that a caption file names, or why there is none; and whether only its letter case differs.

    Nothing outside of `root` is looked at.
    """
    relative = Path(os.path.normpath(name))
    if relative.is_absolute() or relative.drive or ".." in relative.parts[:1]:
        return _OUTSIDE, False
    for base in bases:
        if folders.way_leads_out(base / relative, root):
            return _OUTSIDE, False
        path, unsure = folders.find(base, relative.parts)
        if path is None or not is_text(str(path)):
            if unsure:
                return _UNSURE, False
            continue
        if path != base / relative and folders.way_leads_out(path, root):
            return _OUTSIDE, False
        if os.path.isfile(path):  # Path.is_file raises where it may not look
            return (path, unsure) if path.suffix.lower() in SUFFIXES else (_NO_IMAGE, False)
    return _GONE, False


def _clean(caption: str) -> str:
    """One line of text that can be stored and printed, its white space single."""
    return " ".join(caption.encode("utf-8", "replace").decode().translate(_CONTROL).split())
