"""Keys: canonical, golden, and every setting declared."""

import dataclasses

import pytest

from lsccli.core.channel.settings import ChannelSettings
from lsccli.core.models import profile
from lsccli.core.models.models import Compute
from lsccli.core.store import keys
from lsccli.core.store.keys import canonical_json, identity, identity_of, key, runtime

SETTINGS = [
    Compute,
    ChannelSettings,
    *profile._ROLES.values(),
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda cls: cls.__name__)
def test_every_setting_is_identity_or_runtime(settings: type) -> None:
    assert keys.undeclared(settings) == []


def test_an_undeclared_setting_is_refused() -> None:
    @dataclasses.dataclass
    class Sloppy:
        steps: int = identity(4)
        colour: str = "red"

    with pytest.raises(ValueError, match="colour"):
        identity_of(Sloppy())


def test_runtime_settings_are_left_out_and_auto_is_refused() -> None:
    @dataclasses.dataclass
    class Neat:
        steps: int = identity(4)
        dtype: str = identity("float32")
        device: str = runtime("cpu")

    assert identity_of(Neat()) == {"steps": 4, "dtype": "float32"}
    assert identity_of(Neat(device="cuda")) == identity_of(Neat())
    with pytest.raises(ValueError, match="not resolved"):
        identity_of(Neat(dtype="auto"))


def test_canonical_json_does_not_depend_on_order_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": "né"}) == '{"a":"né","b":1}'
    for bad in (float("nan"), float("inf"), {1, 2}, b"raw"):
        with pytest.raises(ValueError):
            canonical_json({"a": bad})


# Made-up digests; a change of any of these hashes orphans every store there is.
GOLDEN = {
    "generation": "6c686086a24b21fc",
    "score": "185bd604b37945de",
    "ranking": "2bb7543d97578533",
    "channel": "879936e4a7909152",
}


def golden() -> dict[str, bytes]:
    receiver = {
        "model": "sha256:" + "ab" * 32,
        "steps": 4,
        "guidance": 3.0,
        "width": 64,
        "height": 64,
        "scheduler": "as shipped",
        "dtype": "float32",
    }
    generation = key("generation", prompt="a brown dog", receiver=receiver, seed=100)
    metric = {"metric": "ssim", "version": 1, "size": 64}
    return {
        "generation": generation,
        "score": key("score", image=b"\x01" * 32, generation=generation, metric=metric),
        "ranking": key(
            "ranking",
            caption=b"\x02" * 32,
            method={"method": "random", "importance": None, "version": 1, "options": {}, "reads": {}},
            seed=3,
        ),
        "channel": key("transmission", ranking=b"\x03" * 32, channel=ChannelSettings().facts(), trial=0),
    }


def test_golden_keys() -> None:
    assert {name: value.hex()[:16] for name, value in golden().items()} == GOLDEN


@pytest.mark.parametrize(
    "change", [{"steps": 5}, {"guidance": 2.0}, {"dtype": "bfloat16"}, {"model": "sha256:" + "cd" * 32}]
)
def test_each_setting_changes_the_key(change: dict[str, object]) -> None:
    base = {"model": "sha256:" + "ab" * 32, "steps": 4, "guidance": 3.0, "dtype": "float32"}
    assert key("generation", receiver=base) != key("generation", receiver={**base, **change})
