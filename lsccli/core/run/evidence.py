"""What methods read of captions: computed in batches, the costly part remembered beside the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lsccli.core.errors import LscError
from lsccli.core.facts.base import CaptionView, FactSpec
from lsccli.core.registry.base import PluginError, at_work, each_or_alone
from lsccli.core.registry.given import taken
from lsccli.core.run.originals import Original
from lsccli.core.run.workspace import Failure, Workspace
from lsccli.core.store.artifacts import fact_path, npy, read_npy
from lsccli.core.store.results import fact_key
from lsccli.core.store.selection import CaptionRow
from lsccli.core.store.store import add, look_up
from lsccli.core.store.tables import FactRow

if TYPE_CHECKING:
    from PIL.Image import Image


def evidence(
    workspace: Workspace,
    facts: Sequence[FactSpec],
    rows: Sequence[CaptionRow],
    images: Mapping[int, Original],
) -> list[dict[str, Any] | Failure]:
    """For each caption the facts by name, or why it has none.

    A caption fails where a fact looks at its image and the image is gone.
    """
    found: list[dict[str, Any] | Failure] = [{} for _ in rows]
    if any(fact.of_image for fact in facts):
        for index, row in enumerate(rows):
            try:
                images[row.image_id].read()
            except LscError as error:
                found[index] = Failure(str(images[row.image_id].places[0]), str(error))
    todo = [index for index, known in enumerate(found) if not isinstance(known, Failure)]
    own = [images[rows[index].image_id] for index in todo]
    for fact in facts:
        views = [
            CaptionView(
                rows[index].text, tuple(rows[index].words), original.open if fact.of_image else _closed
            )
            for index, original in zip(todo, own, strict=True)
        ]
        for index, value in zip(todo, _values(workspace, fact, views, own), strict=True):
            known = found[index]
            if isinstance(known, Failure):
                continue
            if isinstance(value, PluginError):
                found[index] = Failure(rows[index].text, str(value))
            else:
                known[fact.name] = value
    return found


def _closed() -> Image:
    raise ValueError("this fact does not declare that it looks at the image (of_image=True)")


def _values(
    workspace: Workspace, fact: FactSpec, views: Sequence[CaptionView], own: Sequence[Original]
) -> list[Any]:
    if not fact.kept:
        return _made(workspace, fact, views)
    keys = [_key(workspace, fact, view, original) for view, original in zip(views, own, strict=True)]
    values = _kept(workspace, fact, keys)
    missing = [index for index, name in enumerate(keys) if name not in values]
    if missing:
        made = _made(workspace, fact, [views[index] for index in missing])
        # As it is read back next time, so that a ranking does not depend on who was first.
        new = dict(zip((keys[index] for index in missing), made, strict=True))
        _keep(workspace, fact, {name: one for name, one in new.items() if not isinstance(one, PluginError)})
        values |= new
    return [values[name] for name in keys]


def _kept(workspace: Workspace, fact: FactSpec, keys: Sequence[bytes]) -> dict[bytes, Any]:
    """The values that are beside the store as they were made; says which are damaged."""
    with workspace.store.read() as session:
        digests = look_up(session, FactRow, "key", keys, "sha256")
    found, damaged = {}, []
    for name, digest in digests.items():
        content = workspace.store.files.read(fact_path(fact.name, name), digest)
        value = None if content is None else read_npy(content)
        if value is None:
            damaged.append(str(workspace.store.artifacts / fact_path(fact.name, name)))
        else:
            found[name] = value
    if damaged:
        more = "" if len(damaged) == 1 else f" and {len(damaged) - 1} more"
        workspace.watcher.say(
            f"warning: {fact.name} of {len(damaged)} captions missing or damaged, and computed again: "
            f"{damaged[0]}{more}"
        )
    return found


def _keep(workspace: Workspace, fact: FactSpec, values: Mapping[bytes, Any]) -> None:
    """Write values beside the store, files first."""
    rows = [
        {
            "key": name,
            "name": fact.name,
            "sha256": workspace.store.files.write(fact_path(fact.name, name), npy(value)),
            "run_id": workspace.run_id,
        }
        for name, value in values.items()
    ]
    with workspace.store.write() as session:
        add(session, FactRow, rows, renew="sha256")


def _made(workspace: Workspace, fact: FactSpec, views: Sequence[CaptionView]) -> list[Any]:
    """The values; of a caption at which the fact fails the error."""
    return each_or_alone(views, lambda part: _made_together(workspace, fact, part)) if views else []


def _made_together(workspace: Workspace, fact: FactSpec, views: Sequence[CaptionView]) -> list[Any]:
    with at_work(fact, f"The fact {fact.name} failed"):
        values = taken(fact.make(workspace.models, views), len(views))
    if len(values) != len(views):
        told = "more" if len(values) > len(views) else len(values)
        raise PluginError(f"The fact {fact.name} gave {told} values for {len(views)} captions.")
    if not fact.kept:
        return values
    try:
        with np.errstate(over="ignore"):  # infinite then, which is told
            arrays = [np.asarray(value, np.float32) for value in values]
    except (TypeError, ValueError, OverflowError) as error:
        raise PluginError(f"The fact {fact.name} gave what is no array of numbers: {error}.") from error
    if not all(np.isfinite(array).all() for array in arrays):
        raise PluginError(f"The fact {fact.name} gave numbers that are not finite.")
    return arrays


def _key(workspace: Workspace, fact: FactSpec, view: CaptionView, original: Original) -> bytes:
    roles = {role: workspace.models.role_identity(role) for role in fact.roles}
    edition = None if fact.first_edition else fact.identity()
    # Those of this package read words alone; what others read nobody knows.
    text = view.text if fact.origin.outside else None
    return fact_key(fact.name, view.words, roles, original.key if fact.of_image else None, edition, text)
