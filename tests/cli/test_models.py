"""`lsc models`: which of several text encoders is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import Lsc
from tests.tiny import make_xl_pipeline


@pytest.mark.parametrize("read", ["text_encoder", "text_encoder_2"])
def test_of_several_text_encoders_the_one_that_is_read_is_named(
    lsc: Lsc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_profile: Path, read: str
) -> None:
    make_xl_pipeline(tmp_path / "xl")
    tokenizer = read.replace("text_encoder", "tokenizer")
    (tmp_path / "xl.toml").write_text(
        f'extends = "{tiny_profile}"\nname = "xl"\n[receiver]\nmodel = "xl"\n'
        f'[text_encoder]\nmodel = "xl"\nsubfolder = "{read}"\ntokenizer = "{tokenizer}"\n'
    )
    monkeypatch.setenv("LSC_MODELS", "xl.toml")
    states = {role["role"]: role["state"] for role in lsc.json("models")["roles"]}
    assert states["text_encoder"].endswith(f"; of text_encoder, text_encoder_2 only {read} is read")
    assert "only" not in states["receiver"]


def test_a_single_text_encoder_needs_no_word(lsc: Lsc) -> None:
    states = {role["role"]: role["state"] for role in lsc.json("models")["roles"]}
    assert states["text_encoder"].startswith("here, sha256:")
    assert "read" not in states["text_encoder"]
