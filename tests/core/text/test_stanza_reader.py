"""Stanza as the parser, by a pipeline of its own code that is trained here; no model of others is fetched."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from lsccli.core.errors import MissingModelError
from lsccli.core.text.parse import Parser
from lsccli.core.text.stanza_reader import StanzaReader, tree_of

needs_stanza = pytest.mark.skipif(
    importlib.util.find_spec("stanza") is None, reason="Stanza is not installed"
)


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    """Trained in a process of its own: Stanza seeds all random numbers there are."""
    folder = tmp_path_factory.mktemp("stanza") / "resources"
    made = subprocess.run(
        [sys.executable, "-m", "tests.core.text.tiny_stanza", str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=200,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@needs_stanza
@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
def test_heads_by_universal_labels(resources):
    parses = Parser(f"stanza:{resources}").parse(
        ["a dog runs on the grass", "the brown cat is on a table", "people sit next to a bench", "", "..."]
    )
    # "next to" is one adposition, `fixed` in UD: next is no head.
    assert [parse.heads for parse in parses] == [(1, 2, 5), (2, 6), (1, 5), (), ()]
    assert parses[1].tags == tuple((tag,) for tag in ["DT", "JJ", "NN", "VBZ", "IN", "DT", "NN"])
    assert parses[1].governors == ("cat", "table")


@needs_stanza
@pytest.mark.slow
def test_where_stanza_keeps_its_resources(resources, monkeypatch):
    monkeypatch.setenv("STANZA_RESOURCES_DIR", str(resources))
    named = Parser("stanza:en")
    assert named.version == Parser(f"stanza:{resources}").version
    assert named.parse(["a dog runs on the grass"])[0].heads == (1, 2, 5)


@needs_stanza
@pytest.mark.slow
def test_damaged_models_are_one_line(resources, tmp_path):
    shutil.copytree(resources, tmp_path / "mine")
    (tmp_path / "mine" / "en" / "depparse" / "tiny.pt").write_bytes(b"no weights")
    with pytest.raises(MissingModelError, match=r"that can be loaded \(.+\) in .*stanza\.download") as failed:
        Parser(f"stanza:{tmp_path / 'mine'}").parse(["a dog"])
    assert "\n" not in str(failed.value)


@pytest.fixture
def as_if_installed(monkeypatch):
    monkeypatch.setattr("lsccli.core.text.stanza_reader._need_stanza", lambda: None)


def made_up(folder):
    """Files that stand for models; a key looks no further."""
    for step in ("tokenize", "depparse", "pretrain", "ner"):
        (folder / "en" / step).mkdir(parents=True)
        (folder / "en" / step / "one.pt").write_bytes(step.encode())
    (folder / "resources.json").write_text(json.dumps({"en": {"packages": {"default": {"depparse": "one"}}}}))
    return folder


@pytest.mark.usefixtures("as_if_installed")
def test_a_key_names_the_files_that_the_parser_reads(tmp_path):
    one, other = made_up(tmp_path / "one"), made_up(tmp_path / "other")
    before = StanzaReader(str(one)).version
    assert before.startswith("sha256:")
    (other / "en" / "ner" / "one.pt").write_bytes(b"names, which no parser asks for")
    assert StanzaReader(str(other)).version == before
    (other / "en" / "pretrain" / "one.pt").write_bytes(b"other vectors")
    assert StanzaReader(str(other)).version != before
    (one / "resources.json").write_text(json.dumps({"en": {"packages": {"default": {"depparse": "two"}}}}))
    assert StanzaReader(str(one)).version != before


@pytest.mark.usefixtures("as_if_installed")
@pytest.mark.parametrize("content", ["", "[]", "{}", '{"en": 3}', '{"en": {"packages": {"default": {}}}}'])
def test_resources_that_are_none(tmp_path, content):
    (tmp_path / "resources.json").write_text(content)
    with pytest.raises(MissingModelError, match=r"No Stanza models for English in .*stanza:DIR") as failed:
        _ = Parser(f"stanza:{tmp_path}").version
    assert "\n" not in str(failed.value)


def test_without_stanza_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("STANZA_RESOURCES_DIR", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None)
    made_up(tmp_path)
    for use in (
        lambda: Parser("stanza:en").version,
        lambda: Parser(f"stanza:{tmp_path}").version,  # so that a run says it before it begins
        lambda: Parser(f"stanza:{tmp_path}").parse(["a dog"]),
    ):
        with pytest.raises(MissingModelError, match="pip install stanza") as failed:
            use()
        assert "\n" not in str(failed.value)


def word(at, text, governor, label, start, end, **more):
    return SimpleNamespace(
        id=at,
        text=text,
        head=governor,
        deprel=label,
        start_char=start,
        end_char=end,
        xpos="X",
        upos="Y",
        **more,
    )


def test_sentences_follow_each_other_and_parts_of_a_token_stand_where_it_does():
    token = SimpleNamespace(start_char=7, end_char=13)
    first = [word(1, "cats", 2, "nsubj", 0, 4), word(2, "as", 0, "root", 4, 6)]
    second = [
        word(1, "does", 3, "aux", None, None, parent=token),
        word(2, "n't", 3, "advmod", None, None, parent=token),
        word(3, "rain", 0, "root", 14, 18),
        word(4, ".", 3, "punct", 18, 19),
    ]
    tree = tree_of(SimpleNamespace(sentences=[SimpleNamespace(words=first), SimpleNamespace(words=second)]))
    assert tree.governors == (1, 1, 4, 4, 4, 4)
    assert tree.spans[2:5] == ((7, 13), (7, 13), (14, 18))
    assert tree.punctuation == (False, False, False, False, False, True)


def test_what_is_fixed_depends_on_the_governor():
    # a car as well as a bus: well and as hang by the first "as" in UD, which so would be a head.
    words = [
        word(1, "car", 0, "root", 0, 3),
        word(2, "as", 5, "cc", 4, 6),
        word(3, "well", 2, "fixed", 7, 11),
        word(4, "as", 2, "fixed", 12, 14),
        word(5, "bus", 1, "conj", 15, 18),
    ]
    tree = tree_of(SimpleNamespace(sentences=[SimpleNamespace(words=words)]))
    assert tree.governors == (0, 4, 4, 4, 0)
