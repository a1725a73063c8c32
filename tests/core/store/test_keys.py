"""Keys: canonical, and made of what differs from the value that it was born with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from lsccli.core.options import Settings, option
from lsccli.core.store.keys import (
    KEY_VERSION,
    Identity,
    canonical_json,
    digest_of_files,
    identity,
    identity_of,
    key,
)


class Mine(Settings):
    """Some options."""

    model: str = option(help="A name.")
    steps: int = option(50, help="Steps.")
    tau: float = option(0.5, born=0.1, help="Was 0.1 once.")
    loud: bool = option(False, help="Loud.")
    dtype: str = option("float32", help="Format.")
    device: str = option("cpu", runtime=True, help="Where.")


def test_canonical_json_does_not_depend_on_order_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": "né"}) == '{"a":"né","b":1}'
    for bad in (float("nan"), float("inf"), {1, 2}, b"raw"):
        with pytest.raises(ValueError):
            canonical_json({"a": bad})


def test_a_key_is_the_hash_of_what_it_is_made_of() -> None:
    text = f'{{"key_version":{KEY_VERSION},"kind":"score","image":"ff","metric":{{"metric":"ssim"}}}}'
    text = canonical_json(json.loads(text))
    made = key("score", image=b"\xff", metric=identity({"version": 1}, metric="ssim", version=1), seed=None)
    assert made == hashlib.sha256(text.encode()).digest()


def test_identities_show_all_and_name_what_differs_from_the_value_at_birth() -> None:
    found = identity_of(Mine(model="m"))
    assert found.settings == {"model": "m", "steps": 50, "tau": 0.5, "loud": False, "dtype": "float32"}
    assert found.named == {"model": "m", "tau": 0.5}
    assert identity_of(Mine(model="m", tau=0.1)).named == {"model": "m"}
    assert identity_of(Mine(model="m", steps=51, device="cuda")).named == {
        "model": "m",
        "steps": 51,
        "tau": 0.5,
    }


def test_what_is_not_resolved_is_refused() -> None:
    with pytest.raises(ValueError, match="not resolved"):
        identity_of(Mine(model="m", dtype="auto"))


def test_nothing_named_is_left_out_however_deep() -> None:
    deep = identity(roles={"a": identity({"x": 1}, x=1), "b": identity({"x": 1}, x=2)}, none=identity())
    assert deep.settings == {"roles": {"a": {"x": 1}, "b": {"x": 2}}, "none": {}}
    assert deep.named == {"roles": {"b": {"x": 2}}}
    assert key("k", fact=identity({"x": 1}, x=1)) == key("k")


def test_false_is_not_zero_and_one_is_one_point_zero() -> None:
    assert identity({"x": False}, x=0).named == {"x": 0}
    assert identity({"x": 1}, x=1.0).named == {}


def test_identities_join_and_part() -> None:
    both = identity(a=1) | identity({"b": 2}, b=2)
    assert both == Identity({"a": 1, "b": 2}, {"a": 1})
    assert both.without("a") == Identity({"b": 2}, {})


@pytest.mark.parametrize(
    "change", [{"steps": 5}, {"model": "other"}, {"loud": True}, {"dtype": "bfloat16"}, {"tau": 0.2}]
)
def test_each_setting_changes_the_key(change: dict[str, Any]) -> None:
    base = {"model": "m"}
    assert key("k", of=identity_of(Mine(**base))) != key("k", of=identity_of(Mine(**{**base, **change})))


def test_a_digest_of_files_follows_names_and_contents_and_not_places(tmp_path: Path) -> None:
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a").write_text("one")
    here, there = ({"a": tmp_path / folder / "a"} for folder in ("here", "there"))
    assert digest_of_files(here) == digest_of_files(there)
    assert digest_of_files({"b": here["a"]}) != digest_of_files(here)
    there["a"].write_text("two")
    assert digest_of_files(here) != digest_of_files(there)
