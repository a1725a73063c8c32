"""SKD in context: what is asked, what counts as an answer, and that more pairs teach more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lsccli.core.captioners import skd_context
from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.captioners.skd_context import ContextCaptioner, read_answer
from lsccli.core.data.teaching import DataRef
from lsccli.core.errors import LscError
from lsccli.core.models.chat import KEY, Message, open_chat
from lsccli.core.models.profile import Profile
from lsccli.core.models.reference import ModelRef
from lsccli.core.models.roles import ChatRole, PairsRole
from lsccli.core.registry.base import PluginError
from tests.chat_server import Server, chat_server
from tests.tiny import SENTENCES, make_chat
from training import common
from training.language import captions
from training.lexicon import bobs_share

SCENES = common.scenes(random.Random(5), 80)
RNG = random.Random(6)
HERS = [captions(scene, "alice", RNG) for scene in SCENES]
HIS = [captions(scene, "bob", RNG) for scene in SCENES]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with chat_server() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """The endpoint as new."""
    url, fresh = running.url, Server()
    vars(running).update(vars(fresh) | {"url": url})
    return running


@pytest.fixture
def teaching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty images that say by their colour which scene they are, and captioners that tell it."""
    folder = tmp_path / "teaching"
    folder.mkdir()
    for number in range(60):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number}.png")

    def says(texts: list[str]) -> type:
        class Told:
            def __init__(self, *how: object) -> None:
                pass

            def caption(self, images: list[Image.Image]) -> list[str]:
                return [texts[image.getpixel((0, 0))[0]] for image in images]  # type: ignore[index]

        return Told

    monkeypatch.setattr(skd_context, "BlipCaptioner", says(HERS))
    monkeypatch.setattr(skd_context, "ClipCaptioner", says(HIS))
    return folder


def captioner(server: Server, folder: Path, shots: int, strict: bool = False) -> ContextCaptioner:
    chat = ChatRole(endpoint=server.url, name="learner", retries=1)
    pairs = PairsRole(data=DataRef(str(folder)), shots=shots, strict=strict)
    return ContextCaptioner(Profile("p", "", {"chat": chat, "pairs": pairs}), "cpu", "float32", 4)


def rewritten(model: ContextCaptioner, texts: list[str]) -> list[str]:
    blank = [Image.new("RGB", (8, 8))] * len(texts)
    return model.caption(blank, {"blip": texts})


def test_more_pairs_teach_more_of_bobs_words(server: Server, teaching: Path) -> None:
    shares = [bobs_share(rewritten(captioner(server, teaching, n), HERS[60:])) for n in (0, 4, 16, 60)]
    assert shares[0] == 0 < shares[1] < shares[2] < shares[3]
    assert shares[3] > 0.8


def test_the_request_has_the_pairs_as_turns(server: Server, teaching: Path) -> None:
    rewritten(captioner(server, teaching, 2), [HERS[70]])
    (asked,) = server.requests
    roles = [message["role"] for message in asked["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    hers, his = asked["messages"][1]["content"], asked["messages"][2]["content"]
    assert HIS[HERS.index(hers)] == his
    assert asked["messages"][-1]["content"] == HERS[70]
    assert (asked["model"], asked["temperature"], asked["seed"], asked["max_tokens"]) == ("learner", 0, 0, 80)


def test_the_key_is_read_from_the_environment(
    server: Server, teaching: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "other")
    rewritten(captioner(server, teaching, 1), ["a dog"])
    monkeypatch.setenv(KEY, "127.0.0.1=secret")
    rewritten(captioner(server, teaching, 1), ["a dog"])
    assert server.keys == ["Bearer none", "Bearer secret"]


def test_one_request_that_is_refused_fails_alone(server: Server, teaching: Path) -> None:
    server.failures = [400]
    model = captioner(server, teaching, 0)
    with pytest.raises(PluginError, match=r"fails: .*400"):
        rewritten(model, ["a dog"])
    assert rewritten(model, ["a cat"]) == ["a cat"]


def test_an_answer_that_is_cut_off_is_none(server: Server, teaching: Path) -> None:
    server.finish = "length"
    with pytest.raises(PluginError, match="it is cut off"):
        rewritten(captioner(server, teaching, 0), ["a dog"])


def test_what_is_no_completion_is_one_line(server: Server, teaching: Path) -> None:
    server.body = {"hello": "world"}
    with pytest.raises(LscError, match="gives no chat completion"):
        rewritten(captioner(server, teaching, 0), ["a dog"])


def test_an_image_that_changes_before_it_teaches(
    server: Server, teaching: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataRef(str(teaching)).find()
    for path in teaching.iterdir():
        path.write_bytes(b"other")
    with pytest.raises(LscError, match="is gone or has changed meanwhile"):
        captioner(server, teaching, 1)


def test_what_is_no_caption_is_sent_back_with_the_reason(server: Server, teaching: Path) -> None:
    answers = iter(["Sure!\nA dog.", "1. a dog", '"a hound runs"'])
    server.answer = lambda messages: next(answers)
    model = captioner(server, teaching, 0)
    assert rewritten(model, ["a dog runs"]) == ["a hound runs"]
    last = [message["content"] for message in server.requests[-1]["messages"]]
    assert [last[2], last[4]] == ["Sure!\nA dog.", "1. a dog"]
    assert "it has 2 lines" in last[3]
    assert "it is a list" in last[5]
    assert rewritten(model, ["a dog runs"]) == ["a hound runs"]  # asked once
    assert len(server.requests) == 3


def test_after_three_answers_that_are_none_the_image_fails(server: Server, teaching: Path) -> None:
    server.answer = lambda messages: ""
    with pytest.raises(PluginError, match=r"gave no caption for 'a dog', 3 times: it is empty \(''\)"):
        rewritten(captioner(server, teaching, 0), ["a dog"])
    assert len(server.requests) == 3


def test_a_busy_endpoint_is_asked_again_and_a_failing_one_is_one_line(server: Server, teaching: Path) -> None:
    server.failures = [503]
    model = captioner(server, teaching, 0)
    assert rewritten(model, ["a dog"]) == ["a dog"]
    server.failures = [500, 500]
    with pytest.raises(LscError, match=r"^The chat endpoint http://\S+ fails: .*busy.*\.$") as error:
        rewritten(model, ["a cat"])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "it is empty"),
        ("  \n ", "it is empty"),
        ("one\ntwo", "it has 2 lines"),
        ("- a dog", "it is a list"),
        ("2) a dog", "it is a list"),
        ('""', "it has no words"),
        ("a " * 20, "it has 20 words where Alice's caption has 2"),
        ("Bob would say: a hound", "it has a colon, as before what somebody says"),
    ],
)
def test_no_answers(answer: str, reason: str) -> None:
    assert read_answer(answer, "a dog", None) == ("", reason)


def test_answers() -> None:
    assert read_answer(" a hound\n", "a dog", None) == ("a hound", "")
    assert read_answer("“a hound”", "a dog", None) == ("a hound", "")
    assert read_answer('"a hound".', "a dog", None) == ("a hound", "")
    assert read_answer("3 hounds", "three dogs", None) == ("3 hounds", "")
    assert read_answer("A Hound", "a dog", {"a", "dog", "hound"}) == ("A Hound", "")
    assert read_answer("a wolf", "a dog", {"a", "dog"}) == ("", "neither the caption nor a pair has wolf")


def test_strict_allows_the_words_of_the_caption_and_of_the_pairs(server: Server, teaching: Path) -> None:
    server.answer = lambda messages: "a zyzzyva"
    with pytest.raises(PluginError, match="neither the caption nor a pair has zyzzyva"):
        rewritten(captioner(server, teaching, 4, strict=True), ["a dog"])
    assert rewritten(captioner(server, teaching, 4), ["a dog"]) == ["a zyzzyva"]
    assert rewritten(captioner(server, teaching, 4, strict=True), ["a zyzzyva"]) == ["a zyzzyva"]


def test_what_it_reads_is_declared() -> None:
    spec = CAPTIONERS.find("skd-context")
    assert spec.reads == ("blip",)
    assert spec.roles == ("captioner", "bob_captioner", "chat", "pairs")


def test_a_chat_model_on_this_machine(teaching: Path, tmp_path: Path) -> None:
    make_chat(tmp_path / "chat")
    chat = ChatRole(model=ModelRef(str(tmp_path / "chat")), max_new_tokens=30)
    pairs = PairsRole(data=DataRef(str(teaching)), shots=2)
    model = ContextCaptioner(Profile("p", "", {"chat": chat, "pairs": pairs}), "cpu", "float32", 4)
    plain = open_chat(chat, "cpu", "float32")
    answers = {
        text: plain.answer([*model._turns, Message(role="user", content=text)])
        for text in (*SENTENCES, *HERS[60:])
    }
    good = {
        text: found
        for text, (said, whole) in answers.items()
        if whole and (found := read_answer(said, text, None)[0])
    }
    assert good  # its weights are random, so that it may have nothing to say to others
    assert rewritten(model, list(good)) == list(good.values())
