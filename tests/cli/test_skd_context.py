"""SKD in context on the command line, against a chat endpoint that learns from what it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lsccli.core.data.teaching import teaches
from tests.chat_server import Server, chat_server
from tests.cli.shell import Lsc, make_scenes


@pytest.fixture
def server() -> Iterator[Server]:
    with chat_server() as running:
        yield running


@pytest.fixture
def chatting(lsc: Lsc, server: Server, tiny_profile: Path, monkeypatch: pytest.MonkeyPatch) -> Lsc:
    """`lsc` with the small models and a chat endpoint."""
    Path("chat.toml").write_text(
        f'extends = "{tiny_profile}"\nname = "chatting"\n'
        f'[chat]\nendpoint = "{server.url}"\nname = "learner"\nretries = 0\n'
    )
    monkeypatch.setenv("LSC_MODELS", "chat.toml")
    return lsc


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Images that are not evaluated."""
    folder = tmp_path / "others"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (32, 32), (number, 90, 200)).save(folder / f"{number}.png")
    return folder


def test_a_run_with_heads_of_what_bob_would_say(
    chatting: Lsc, server: Server, small: Path, others: Path
) -> None:
    how = ("--skd", "context", "--pairs", others, "--shots", 3)
    made = chatting.json("run", small, "-m", "prompttune:heads_skd", "-m", "prompttune:heads", *how)
    curves = {curve["label"]: curve["captioner"] for curve in made["report"]["curves"]}
    assert sorted(curves.values()) == ["blip", "skd-context"]
    (asked, *_) = server.requests
    assert [m["role"] for m in asked["messages"]] == ["system", *["user", "assistant"] * 3, "user"]
    texts = dict(chatting.sql("SELECT settings ->> 'captioner', count(*) FROM caption c "
                              "JOIN config ON config.id = c.config_id GROUP BY 1"))  # fmt: skip
    assert texts == {"blip": 3, "dataset": 3, "skd-context": 3}  # what teaches is not in the store
    before = len(server.requests)
    again = chatting.json("run", small, "-m", "prompttune:heads_skd", *how)
    assert [stage["new"] for stage in again["stages"]] == [0] * len(again["stages"])
    assert len(server.requests) == before
    more = chatting.json("caption", small, "--captioner", "skd-context", "--pairs", others, "--shots", 2)
    assert more["new"] == 3  # another number of pairs is another captioner


def test_a_quarter_teaches_and_is_not_evaluated(chatting: Lsc, tmp_path: Path) -> None:
    data = make_scenes(tmp_path / "many", [f"a cat {'big ' * n}" for n in range(20)])
    how = ("--captioner", "skd-context", "--pairs", data, "--split", "--shots", 1)
    done = chatting("caption", data, *how)
    said = next(line for line in done.err.splitlines() if line.startswith("split: "))
    taught = [bool(teaches(key)) for (key,) in chatting.sql("SELECT key FROM image")]
    assert said == f"split: {sum(taught)} of 20 images are held back to teach"
    assert 0 < sum(taught) < 20
    evaluated = chatting.sql(
        "SELECT i.key FROM image i JOIN caption c ON c.image_id = i.id "
        "JOIN config ON config.id = c.config_id WHERE settings ->> 'captioner' = 'skd-context'"
    )
    assert sorted(key for (key,) in evaluated) == sorted(
        key for (key,) in chatting.sql("SELECT key FROM image") if not teaches(key)
    )
    ranked = chatting.json("rank", "-m", "order", *how)
    assert ranked["units"] == 20 - sum(taught)


def test_what_cannot_be_is_one_line(
    chatting: Lsc, server: Server, small: Path, others: Path, tiny_profile: Path
) -> None:
    ask = ("caption", small, "--captioner", "skd-context")
    assert (
        "names no pairs: name images that are not evaluated with --pairs DATA" in chatting(*ask, code=2).error
    )
    assert "would teach and be evaluated too" in chatting(*ask, "--pairs", small, "--shots", 2, code=2).error
    assert "16 pairs are wanted" in chatting(*ask, "--pairs", others, code=2).error
    assert (
        "shots -1: give a whole number from 0 to 10000"
        in chatting(*ask, "--pairs", others, "--shots", -1, code=2).error
    )
    lacking = chatting("--models", tiny_profile, *ask, "--pairs", others, "--shots", 1, code=2).error
    assert "names no chat: give a chat model of your own: add a [chat] table" in lacking
    server.failures = [500]
    told = chatting(*ask, "--pairs", others, "--shots", 1, code=2).error
    assert told.startswith(f"Error: The chat endpoint {server.url} fails: ")
    served = [m for m in server.requests if m["messages"]]
    server.answer = lambda messages: "" if len(server.requests) <= len(served) + 3 else "a hound"
    failed = chatting(*ask, "--pairs", others, "--shots", 1, code=1)
    assert "1 failed" in failed.err
    assert "gave no caption" in failed.err
    assert "2 new" in failed.err  # the others are done


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("", "give either a model or an endpoint"),
        ('endpoint = "http://x/v1"', "an endpoint and the name of its model go together"),
        ('endpoint = "x:80"\nname = "m"', "begins with http:// or https://"),
        ('endpoint = "http://x/v1"\nname = "m"\nmodel = "here"', "give either a model or an endpoint"),
        ('endpoint = "http://x/v1"\nname = "m"\ntemperature = -1', "temperature"),
    ],
)
def test_a_chat_table_that_is_none(lsc: Lsc, tiny_profile: Path, table: str, reason: str) -> None:
    Path("bad.toml").write_text(f'extends = "{tiny_profile}"\n[chat]\n{table}\n')
    assert reason in lsc("--models", "bad.toml", "models", code=2).error
