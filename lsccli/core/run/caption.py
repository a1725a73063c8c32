"""Stage caption: words for each image that has none by a captioner yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from lsccli.core.captioners.base import CAPTIONERS, Captioner, CaptionerSpec, Listener, clean
from lsccli.core.errors import LscError
from lsccli.core.registry.base import PluginError, at_work, each_or_alone
from lsccli.core.registry.given import is_plain_text, shown, taken
from lsccli.core.run.originals import Original
from lsccli.core.run.workspace import Configuration, Failure, StageResult, Workspace, timed
from lsccli.core.store.results import caption_key
from lsccli.core.store.selection import CaptionRow, Selection, captions, given_captions, in_force
from lsccli.core.store.store import add, ids_by_key
from lsccli.core.store.tables import Caption
from lsccli.core.text.words import split_words

if TYPE_CHECKING:
    from PIL.Image import Image

_BATCH = 64


# Of each image what other captioners say of it, by captioner.
Heard = Mapping[int, Mapping[str, str]]
NOTHING_HEARD: Heard = MappingProxyType({})


def caption_images(
    workspace: Workspace,
    found: Mapping[int, Original],
    captioner: str,
    selection: Selection,
    heard: Heard = NOTHING_HEARD,
) -> tuple[StageResult, list[CaptionRow]]:
    """Caption the images that have no caption by this captioner yet; all captions that there are then.

    Of people's captions those in force for `selection` (see `lsccli.core.store.selection`).
    """
    result = StageResult("caption", units=len(found))
    with timed(result):
        spec = CAPTIONERS.find(captioner)
        config = workspace.configuration("captioner", workspace.models.captioner_identity(captioner))
        if not spec.given:
            _caption_missing(workspace, list(found.values()), spec, config, heard, result)
        with workspace.store.read() as session:
            if spec.given:
                given = in_force(session, selection, list(found))
                rows = given_captions(session, config.id, given)
            else:
                rows = captions(session, config.id, list(found))
        if spec.given:
            for note in given.notes:
                workspace.watcher.say(note)
            having = {row.image_id for row in rows}
            without = [
                Failure(str(original.places[0]), "the data set has no caption for it")
                for number, original in found.items()
                if number not in having
            ]
            result.fail(without, len(without))
    return result, rows


def _caption_missing(
    workspace: Workspace,
    images: Sequence[Original],
    spec: CaptionerSpec,
    config: Configuration,
    heard: Heard,
    result: StageResult,
) -> None:
    names = {original.id: caption_key(original.key, config.identity) for original in images}
    with workspace.store.read() as session:
        known = ids_by_key(session, Caption, list(names.values()))
    todo = [original for original in images if names[original.id] not in known]
    with workspace.progress(f"caption ({spec.name})", len(todo)):
        for start in range(0, len(todo), _BATCH):
            _caption_batch(workspace, todo[start : start + _BATCH], spec, config, heard, result)


def _caption_batch(
    workspace: Workspace,
    batch: Sequence[Original],
    spec: CaptionerSpec,
    config: Configuration,
    heard: Heard,
    result: StageResult,
) -> None:
    readable, pairs = [], []
    for original in batch:
        try:
            said = heard.get(original.id, {})
            if lacking := [name for name in spec.reads if name not in said]:
                raise LscError(f"there is no caption by {lacking[0]} to start from")
            pairs.append((original.open(), said))
            readable.append(original)
        except LscError as error:
            result.fail([Failure(str(original.places[0]), str(error))], 1)
    size = workspace.models.batch_size
    for start in range(0, len(readable), size):
        part = readable[start : start + size]
        texts = each_or_alone(pairs[start : start + size], lambda units: _texts(workspace, spec, units))
        rows = []
        for original, text in zip(part, texts, strict=True):
            if isinstance(text, PluginError):
                result.fail([Failure(str(original.places[0]), str(text))], 1)
            else:
                row = caption_row(original.id, original.key, config, 0, text, None, workspace.run_id)
                rows.append(row)
        with workspace.store.write() as session:
            result.new += add(session, Caption, rows)
        workspace.watcher.advance(len(part))


def _texts(
    workspace: Workspace, spec: CaptionerSpec, units: Sequence[tuple[Image, Mapping[str, str]]]
) -> list[str]:
    """A caption for each picture with what is said of it; PluginError for what is none, or cannot be kept."""
    pictures = [picture for picture, _ in units]
    heard = {name: [said[name] for _, said in units] for name in spec.reads}
    with at_work(spec, f"The captioner {spec.name} failed"):
        model = workspace.models.captioner(spec.name)
        if spec.reads:
            given = cast(Listener, model).caption(pictures, heard)
        else:
            given = cast(Captioner, model).caption(pictures)
        texts = taken(given, len(pictures))
    if len(texts) != len(pictures):
        told = "more" if len(texts) > len(pictures) else len(texts)
        raise PluginError(f"Captioner {spec.name} gave {told} captions for {len(pictures)} images.")
    for text in texts:
        if not is_plain_text(text):
            raise PluginError(f"Captioner {spec.name} gave {shown(text)}, which is no text.")
    return [clean(text) for text in texts]


def caption_row(
    image: int,
    image_key: bytes,
    config: Configuration,
    position: int,
    text: str,
    given: str | None,
    run: int | None,
) -> dict[str, Any]:
    """The row of a caption; `given` is its text where people wrote it, which then is an input."""
    return {
        "key": caption_key(image_key, config.identity, position, given),
        "image_id": image,
        "config_id": config.id,
        "position": position,
        "text": text,
        "words": [word.text for word in split_words(text)],
        "run_id": run,
    }
