"""`lsc models`: which of several text encoders is read; profiles that cannot be."""

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


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('extends = "mine.toml"', "extends itself"),
        ("[receiver]\nmodel = 'a/b'\nsteps = 0", "[receiver] steps 0: give a whole number"),
        ("[name]\nfirst = 1", "name {'first': 1}: give a text"),
        ("[matcher]\nmodel = 'a/b'\nlayer = 1.5", "[matcher] layer 1.5: give a whole number"),
    ],
)
def test_a_profile_that_is_wrong_is_one_line(lsc: Lsc, content: str, word: str) -> None:
    Path("mine.toml").write_text(content, encoding="utf-8")
    assert word in lsc("--models", "mine.toml", "models", code=2).error


def test_a_bundled_model_that_is_none_is_said_where_models_are_listed(lsc: Lsc) -> None:
    Path("mine.toml").write_text('[matcher]\nmodel = "bundle:../.."\n', encoding="utf-8")
    states = {role["role"]: role["state"] for role in lsc.json("--models", "mine.toml", "models")["roles"]}
    assert states["matcher"].startswith("There is no bundled model 'bundle:../..'")
    assert states["receiver"] == "not in this profile"


def test_a_parser_says_whether_it_is_here(lsc: Lsc) -> None:
    states = {role["role"]: role["state"] for role in lsc.json("models")["roles"]}
    assert states["parser"].startswith("installed, en_core_web_sm")
    Path("mine.toml").write_text('[parser]\nmodel = "spacy:no_such_pipeline"\n', encoding="utf-8")
    states = {role["role"]: role["state"] for role in lsc.json("--models", "mine.toml", "models")["roles"]}
    assert states["parser"].startswith("No spaCy pipeline 'no_such_pipeline' here. Install it (pip install ")
