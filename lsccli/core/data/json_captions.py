"""Captions in JSON: COCO's, and Karpathy's of Flickr8k, Flickr30k and COCO."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsccli.core.data.json_text import line_of, parse
from lsccli.core.data.lines import Named, broken, captions_in, short, text_of
from lsccli.core.data.names import note, plain
from lsccli.core.errors import LscError


def read_json(file: Path) -> tuple[list[Named], list[str], bool]:
    """The pairs, notes, and whether the folder in a name may be left out, as in Karpathy's `filepath`.

    Raises:
        LscError: no JSON, neither form, or an entry that lacks what it must have.
    """
    text = text_of(file)
    content = parse(text, file)
    images = content.get("images") if isinstance(content, dict) else None
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if isinstance(images, list) and annotations is None and images and _has(images[0], "sentences"):
        return list(_karpathy(file, text, images)), [], True
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise LscError(
            f"{plain(file)}: no COCO captions file: it must have the lists 'images' and 'annotations' "
            "(or, as Karpathy's, 'images' with 'filename' and 'sentences')"
        )
    named, notes = _coco(file, text, images, annotations)
    return named, notes, False


def _has(found: object, name: str) -> bool:
    return isinstance(found, dict) and name in found


def _karpathy(file: Path, text: str, images: list[Any]) -> Iterator[Named]:
    """`images` with filename (and filepath) and sentences, each with its text as written in `raw`."""
    before: dict[str, list[str]] = {}
    for number, found in enumerate(images, start=1):
        name = _texted(file, f"image {number}", found, "filename")
        folder = found.get("filepath")
        sentences = found.get("sentences")
        if not isinstance(sentences, list):
            raise LscError(f"{plain(file)}: image {number} lacks a list of 'sentences'")
        texts = [_texted(file, f"a sentence of image {number}", one, "raw") for one in sentences]
        whole = f"{folder}/{name}" if isinstance(folder, str) and folder else name
        if before.setdefault(whole, texts) != texts:
            line = line_of(text, "images", number - 1)
            raise broken(
                file, line, f"image {number} ({short(whole)}) was there before, with other sentences"
            )
        if before[whole] is texts:
            yield whole, texts


def _coco(file: Path, text: str, images: list[Any], annotations: list[Any]) -> tuple[list[Named], list[str]]:
    """`images` with id and file_name, `annotations` with image_id and caption, in the order of the images.

    One that is there again, with its id and as it was, counts once.
    """
    named: list[Named] = []
    numbers: dict[str, int] = {}  # an id as text -> its place in `named`
    for number, found in enumerate(images, start=1):
        name = _texted(file, f"image {number}", found, "file_name")
        of = _id(file, f"image {number}", found, "id")
        if named and of in numbers and named[numbers[of]][0] != name:
            other = short(named[numbers[of]][0])
            raise broken(
                file,
                line_of(text, "images", number - 1),
                f"image {number} ({short(name)}) has the id {short(of)}, which {other} has already",
            )
        if of not in numbers:
            numbers[of] = len(named)
            named.append((name, []))
    padded = _unpadded(numbers)
    unlisted: list[str] = []
    before: dict[
        str, tuple[int, str, str]
    ] = {}  # an annotation's id -> its number, and what it says of which
    for number, found in enumerate(annotations, start=1):
        of = _id(file, f"annotation {number}", found, "image_id")
        caption = _texted(file, f"annotation {number}", found, "caption")
        if found.get("id") is not None:
            own = _id(file, f"annotation {number}", found, "id")
            first, *said = before.setdefault(own, (number, of, caption))
            if said != [of, caption]:
                line = line_of(text, "annotations", number - 1)
                told = (
                    f"has the id {short(own)}, which annotation {first} has already, and says something else"
                )
                raise broken(file, line, f"annotation {number} {told}")
            if first != number:
                continue
        at = numbers.get(of, padded.get(of.lstrip("0") or "0"))
        if at is None:
            unlisted.append(of)
        else:
            named[at][1].extend(captions_in(caption, file, f"annotation {number}"))
    ids = [f"id {of}" for of in dict.fromkeys(unlisted)]
    return named, note(f"Images that {plain(file.name)} has captions of and does not list, left out", ids)


def _unpadded(numbers: dict[str, int]) -> dict[str, int]:
    """Ids without the zeros in front, as COCO's file names have them and its ids do not; where unique."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for of, at in numbers.items():
        bare = of.lstrip("0") or "0"
        if bare in found:
            twice.add(bare)
        found[bare] = at
    return {bare: at for bare, at in found.items() if bare not in twice}


def _id(file: Path, what: str, found: object, name: str) -> str:
    """An id as text, the same for 1, 1.0 and "1": lists that were made by different tools differ in it."""
    if not isinstance(found, dict) or found.get(name) is None:
        raise LscError(_lacks(file, what, name))
    value = found[name]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise LscError(
            f"{plain(file)}: {what}: its '{name}' must be a whole number or text, not {short(repr(value))}"
        )
    return re.sub(r"^(\d+)\.0+$", r"\1", str(value).strip())


def _texted(file: Path, what: str, found: object, name: str) -> str:
    if not isinstance(found, dict) or found.get(name) is None:
        raise LscError(_lacks(file, what, name))
    value = found[name]
    if not isinstance(value, str):
        raise LscError(f"{plain(file)}: {what}: its '{name}' must be text, not {short(repr(value))}")
    return value


def _lacks(file: Path, what: str, name: str) -> str:
    hint = " The file of captions is wanted, such as captions_val2017.json." if name == "caption" else ""
    return f"{plain(file)}: {what} lacks '{name}'.{hint}"
