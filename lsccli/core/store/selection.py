"""Which images and captions of a store a command or a report is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select, text
from sqlmodel import Session

from lsccli.core.data.dataset import folder_of, named
from lsccli.core.data.names import natural
from lsccli.core.errors import LscError
from lsccli.core.report.escape import shell_word
from lsccli.core.store.store import Store
from lsccli.core.store.tables import Caption, Look, Source

# Every place that an image was registered from, once for each data set that has it.
_PLACES = text("""
    SELECT s.id, s.image_id, s.root, s.path, d.id, d.name, d.captions, d.registered
    FROM source s LEFT JOIN dataset_file f ON f.source_id = s.id LEFT JOIN dataset d ON d.id = f.dataset_id
""")
# A place may hold another image since; then what was said there is not of that.
_SAID = text("""
    SELECT c.dataset_id, c.source_id, c.caption_id FROM dataset_caption c
    JOIN source s ON s.id = c.source_id JOIN caption t ON t.id = c.caption_id AND t.image_id = s.image_id
    ORDER BY c.dataset_id, c.source_id, c.position
""")


class _Place(NamedTuple):
    """A file of an image, in a data set."""

    source: int
    image: int
    root: str
    path: str
    dataset: int | None
    name: str | None
    captions: str | None
    registered: int | None

    def goes_by(self, names: Collection[str]) -> bool:
        """Whether this is the data set of one of these names, or of the caption file."""
        return self.name in names or self.captions in names


def _names(data: Path | None) -> tuple[str, ...]:
    """What a data set or its caption file may go by that `--data` means."""
    return () if data is None else (str(named(data)), str(data.expanduser().resolve()))


def _meant(places: Sequence[_Place], data: Path) -> list[_Place]:
    """The places that `--data` means: those of a caption file, or those at or below a file or folder."""
    name = str(named(data))
    if listed := [place for place in places if place.captions == name]:
        return listed
    folder = folder_of(data)
    if folder != data.expanduser().resolve():  # a caption file that was not registered since 0.2
        return [place for place in places if place.captions == "" and place.root == str(folder)]
    return [place for place in places if is_below(place.root, place.path, folder)]


@dataclass(frozen=True)
class Selection:
    """`--data`, `--captioner`, `--limit`, `--captions`; or the very images that a command has registered.

    Attributes:
        data: only images registered from this file, or from this folder or below it; of a caption file,
            those of its data set.
        captioner: only captions by this captioner.
        limit: only the first so many images, in the order in which they were registered.
        all_captions: all captions that a data set brings of an image, not the first alone.
        image_ids: these very images instead of `data` and `limit`.
    """

    data: Path | None = None
    captioner: str | None = None
    limit: int | None = None
    all_captions: bool = False
    image_ids: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise LscError(f"--limit {self.limit}: give a number of images, at least 1.")

    def images(self, store: Store, session: Session | None = None) -> list[int]:
        """The ids of the images selected, in the order in which they were registered.

        Args:
            session: one that is open; otherwise the store is read in one of its own.

        Raises:
            LscError: where there are none, with the command that mends it.
        """
        if self.image_ids is not None:
            return list(self.image_ids)
        if session is None:
            with store.read() as session:
                return self.images(store, session)
        rows = session.execute(_PLACES).all()
        if not rows:
            raise LscError(f"No images in {store.path} yet. Start with: lsc caption DATA")
        places = [_Place(*row) for row in rows]
        if self.data is not None:
            places = _meant(places, self.data)
            if not places:
                start = f"lsc caption {shell_word(self.data, place=True)}"
                raise LscError(f"No images from {self.data} in {store.path} yet. Start with: {start}")
        return sorted({place.image for place in places})[: self.limit]


@dataclass(frozen=True)
class CaptionRow:
    """A caption in the store; its words are those that rankings index."""

    id: int
    key: bytes
    image_id: int
    text: str
    words: tuple[str, ...]


def is_below(root: str, path: str, folder: Path) -> bool:
    """Whether the image registered as `path` below `root` is `folder` itself or lies below it.

    By name, not by what is there now: images may have moved since, and a link or another Unicode form of a
    name is another place. `folder` is resolved, as roots are when images are registered.
    """
    return (Path(root) / path).is_relative_to(folder)


def captions(session: Session, config: int, images: Collection[int]) -> list[CaptionRow]:
    """A model's captions of these images, in the order of the images."""
    wanted = set(images)
    query = (
        select(Caption.id, Caption.key, Caption.image_id, Caption.text, Caption.words)  # type: ignore[call-overload]
        .where(Caption.config_id == config)
        .order_by(Caption.image_id, Caption.position)
    )
    return [
        CaptionRow(number, key, image, text, tuple(words))
        for number, key, image, text, words in session.execute(query)
        if image in wanted
    ]


@dataclass(frozen=True)
class Given:
    """People's captions in force.

    Attributes:
        of: image -> the ids of its captions, in order; an image that has none is left out.
        notes: what is to be said of the choice, a line each.
    """

    of: Mapping[int, tuple[int, ...]]
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> list[int]:
        """The ids of all captions in force."""
        return [number for ids in self.of.values() for number in ids]


def in_force(session: Session, selection: Selection, images: Collection[int]) -> Given:
    """People's captions of these images: what the last registration of their data set says.

    Of several data sets that have an image, among those that `--data` selects, that counts which `--data`
    names; else the one that was registered last. A data set that never had a caption file says nothing, but
    one whose file has no caption for an image says that it has none; so does one that has lost its file,
    where `--data` names it. Of an image's files in the data set each adds its captions, in the order of their
    names. Unless `all_captions`, the first caption counts alone.
    """
    rows = session.execute(_PLACES).all()
    wanted = set(images)
    places = [place for row in rows if (place := _Place(*row)).image in wanted and place.captions is not None]
    if selection.data is not None and places:
        places = _meant(places, selection.data)
    texts: dict[tuple[int | None, int], list[int]] = {}
    for dataset, source, caption in session.execute(_SAID).all():
        texts.setdefault((dataset, source), []).append(caption)
    said: dict[int, dict[_Place, list[int]]] = {}
    for place in sorted(places, key=lambda place: natural(place.path)):
        # One place stands for its data set.
        sets = said.setdefault(place.image, {})
        first = next((one for one in sets if one.dataset == place.dataset), place)
        sets.setdefault(first, []).extend(texts.get((place.dataset, place.source), ()))
    names = _names(selection.data)
    chosen: dict[int, tuple[int, ...]] = {}
    doubtful: list[_Place] = []
    for image in sorted(said):
        sets = said[image]
        lost = {place for place, found in sets.items() if place.captions == "" and not found}
        best = max(sets, key=lambda place: (place.goes_by(names), place not in lost, place.registered))
        cut = None if selection.all_captions else 1
        ids = {place: tuple(dict.fromkeys(found))[:cut] for place, found in sets.items()}
        if ids[best]:
            chosen[image] = ids[best]
        others = {ids[place] for place in sets if place not in lost}
        if not best.goes_by(names) and len(others) > 1:
            doubtful.append(best)
    return Given(chosen, _which_count(doubtful))


def given_captions(session: Session, config: int, given: Given) -> list[CaptionRow]:
    """The captions in force as rows, in the order of the images and of their captions."""
    places = {number: place for place, number in enumerate(given.ids)}
    columns = select(Caption.id, Caption.key, Caption.image_id, Caption.text, Caption.words)  # type: ignore[call-overload]
    rows = [
        CaptionRow(number, key, image, text, tuple(words))
        for number, key, image, text, words in session.execute(columns.where(Caption.config_id == config))
        if number in places
    ]
    return sorted(rows, key=lambda row: places[row.id])


def _which_count(chosen: Sequence[_Place]) -> tuple[str, ...]:
    if not chosen:
        return ()
    names = list(dict.fromkeys(place.name for place in chosen))
    which = f"those of {names[0]} count, which was" if len(names) == 1 else "those count whose data set was"
    return (
        f"{len(chosen)} of the images lie in several data sets that have different captions of them: "
        f"{which} registered last. Choose one with --data.",
    )


def textures(session: Session, images: Collection[int]) -> dict[int, float]:
    """How these images look, by id, of those that were looked at (see `lsccli.core.data.texture`)."""
    wanted = set(images)
    rows = session.execute(select(Look.image_id, Look.texture)).all()  # type: ignore[call-overload]
    return {number: value for number, value in rows if number in wanted}


def find_image(session: Session, name: str) -> tuple[int, Path]:
    """The id and file of the registered image that `name` means: a path, or the end of one.

    Raises:
        LscError: where there is none, or several.
    """
    rows = session.execute(select(Source.image_id, Source.root, Source.path)).all()  # type: ignore[call-overload]
    places: list[tuple[int, Path]] = [(number, Path(root) / path) for number, root, path in rows]
    exact = [place for place in places if place[1] == Path(name).expanduser().resolve()]
    found = exact or [place for place in places if str(place[1]).endswith("/" + name.lstrip("/"))]
    if not found:
        put = f"lsc caption {shell_word(name, place=True)}"
        raise LscError(f"No image {name} in the store. Put it there: {put}")
    if len({number for number, _ in found}) > 1:
        raise LscError(f"{name} means {len(found)} images; give more of the path, such as {found[0][1]}.")
    return found[0]
