"""`lsc verify`: real damage is found and named, forgotten by --repair, and made again as it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PIL import Image

from tests.cli.shell import Lsc

RUN = ("--captioner", "dataset", "-m", "order", "-m", "bothcrossatt", "-m", "allBob")
STORE = Path("db/lsc.sqlite")
TABLES = ("captions", "rankings", "steps", "scores")


def sql(*statements: str) -> Callable[[], None]:
    """Damage by statements."""

    def damage() -> None:
        with closing(sqlite3.connect(STORE)) as plain:
            for statement in statements:
                plain.execute(statement)
            plain.commit()

    return damage


def one(kind: str) -> Path:
    return min(Path("db/artifacts").rglob(kind))


def swap() -> None:
    file = one("*.png")
    Image.new("RGB", Image.open(file).size, "red").save(file)


def link() -> None:
    file = one("*.png")
    shutil.copy(file, elsewhere := Path("elsewhere.png").absolute())
    file.unlink()
    file.symlink_to(elsewhere)


def flip() -> None:
    file = one("*.npy")
    content = bytearray(file.read_bytes())
    content[-200:] = bytes(byte ^ 1 for byte in content[-200:])
    file.write_bytes(content)


def index() -> None:
    """Garbage in a page of an index alone."""
    with closing(sqlite3.connect(STORE)) as plain:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'score_of'"
        (page,) = plain.execute(query).fetchone()
        plain.execute("PRAGMA writable_schema = ON")
        plain.execute("UPDATE sqlite_master SET sql = replace(sql, 'image_id', 'id') WHERE name = 'score_of'")
        plain.commit()
    with closing(sqlite3.connect(STORE)) as plain:
        plain.execute("REINDEX score_of")
        plain.execute("PRAGMA writable_schema = ON")
        plain.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'generation_id, id,', 'generation_id, image_id,') "
            "WHERE name = 'score_of'"
        )
        plain.commit()
    assert page


DAMAGE: dict[str, tuple[Callable[[], None], str]] = {
    "score": (sql("UPDATE score SET value = 'abc' WHERE id = 3"), "value is no finite number"),
    "infinite": (sql("UPDATE score SET value = 9e999 WHERE id IN (2, 5)"), "value is no finite number"),
    "too large": (
        sql("UPDATE score SET value = 1.1e100 WHERE id = 2"),
        "value is no finite number of at most",
    ),
    "large score of a word": (
        sql("UPDATE ranking SET scores = '[1e300, 0]' WHERE id = 2"),
        "is no list of num",
    ),
    "order": (sql("UPDATE ranking SET \"order\" = '[1, 1]' WHERE id = 2"), "no order of the caption's words"),
    "json": (sql("UPDATE ranking SET scores = '[1' WHERE id = 1"), "scores is no list of numbers"),
    "words": (sql("UPDATE caption SET words = '{}' WHERE id = 2"), "words is no list of words"),
    "settings": (sql("UPDATE config SET settings = '' WHERE kind = 'channel'"), "settings is no JSON"),
    "steps of Bob": (
        sql("UPDATE config SET settings = json_set(settings, '$.steps', 3) WHERE kind = 'receiver'"),
        "settings are not those that its key names",
    ),
    "name of a method": (
        sql("UPDATE config SET settings = json_set(settings, '$.method', 'random') WHERE kind = 'method'"),
        "settings are not those that its key names",
    ),
    "likely words": (
        sql("""UPDATE caption SET words = '["a", "red", "bull"]' WHERE id = 1"""),
        "words are not those of its text",
    ),
    "likely caption": (
        sql('UPDATE caption SET text = \'a red bull\', words = \'["a", "red", "bull"]\' WHERE id = 1'),
        "key is not that of what it is made of",
    ),
    "caption of another image": (
        sql("UPDATE caption SET image_id = 2 WHERE id = 1"),
        "key is not that of what it is made of",
    ),
    "likely order": (
        sql("UPDATE ranking SET \"order\" = '[2, 1, 0]' WHERE id = 1"),
        "is another order than its method's",
    ),
    "likely seed": (sql("UPDATE ranking SET seed = 1 WHERE id = 5"), "key is not that of what it is made of"),
    "likely trial": (sql("UPDATE transmission SET trial = 1 WHERE id = 4"), "key is not that of what"),
    "likely bits": (
        sql("UPDATE step SET channel_bits = 41 WHERE transmission_id = 5 AND k = 2"),
        "steps are not those of its order over its channel",
    ),
    "prompt of another step": (
        sql("UPDATE step SET prompt_id = 3 WHERE transmission_id = 2 AND k = 1"),
        "steps are not those of its order over its channel",
    ),
    "likely prompt": (sql("UPDATE prompt SET text = 'a bed' WHERE text = 'a red'"), "steps are not those of"),
    "drawing of another prompt": (
        sql("UPDATE generation SET prompt_id = 2 WHERE prompt_id = 3"),
        "is there twice",
    ),
    "drawing with another seed": (sql("UPDATE generation SET seed = 7 WHERE id = 2"), "text is not that of"),
    "score of another drawing": (
        sql(
            "UPDATE score SET generation_id = (SELECT id FROM generation WHERE id NOT IN "
            "(SELECT generation_id FROM score WHERE image_id = 1)) WHERE id = 5"
        ),
        "key is not that of what it is made of",
    ),
    "captioner": (sql("UPDATE config SET settings = '[]' WHERE kind = 'captioner'"), "settings do not say"),
    "step": (sql("UPDATE step SET channel_bits = -8 WHERE transmission_id = 2 AND k = 1"), "channel_bits is"),
    "lost step": (sql("DELETE FROM step WHERE transmission_id = 3 AND k = 0"), "has not all its steps"),
    "prompt": (sql("UPDATE prompt SET text = x'ff' WHERE id = 2"), "text is no text"),
    "utf-8": (sql("UPDATE prompt SET text = CAST(x'61ff' AS TEXT) WHERE id = 3"), "text is no text"),
    "image": (sql("UPDATE image SET width = 0 WHERE id = 2"), "width is no size"),
    "key": (sql("UPDATE generation SET key = x'00' WHERE id = 4"), "key is no SHA-256"),
    "lost caption": (sql("DELETE FROM caption WHERE id = 1"), "caption_id names no caption"),
    "lost config": (sql("DELETE FROM config WHERE kind = 'receiver'"), "config_id names no config"),
    "lost run": (sql("DELETE FROM run"), "run_id names no run"),
    "run": (sql("UPDATE run SET arguments = '['"), "arguments is no list of texts"),
    "negative": (sql("UPDATE score SET id = -id WHERE id = 4"), "id is no whole number of at least 1"),
    "swapped drawing": (swap, "is not as it was made"),
    "lost drawing": (lambda: one("*.png").unlink(), "is missing"),
    "linked drawing": (link, "is not as it was made"),
    "flipped map": (flip, "is not as it was made"),
    "index": (index, "missing from index score_of"),
}


def exports(lsc: Lsc) -> list[str]:
    return [lsc("export", table).out for table in TABLES]


def test_all_kinds_of_damage_are_found_forgotten_and_made_again(lsc: Lsc, small: Path) -> None:
    lsc("run", small, *RUN)
    before, report = exports(lsc), lsc("--json", "report").out
    assert "All is as it was written." in lsc("verify").out
    shutil.copytree("db", "good")
    for name, (damage, fault) in DAMAGE.items():
        shutil.rmtree("db")
        shutil.copytree("good", "db")
        damage()
        content = STORE.read_bytes()
        found = lsc("--json", "verify", code=1).json
        assert any(fault in finding["fault"] for finding in found["findings"]), (name, found)
        assert all(finding["repairable"] for finding in found["findings"]), name
        assert STORE.read_bytes() == content, name
        shown = lsc("verify", code=1).out
        assert "lsc verify --repair" in shown
        lsc("verify", "--repair", code=0)
        lsc("run", small, *RUN)
        assert lsc("--json", "verify").json["findings"] == [], name
        now = exports(lsc)
        # Rows are exported by their ids, and nobody knows which id this one had.
        if name == "negative":
            assert [sorted(table.splitlines()) for table in now] == [
                sorted(table.splitlines()) for table in before
            ]
        else:
            assert now == before, name
        assert lsc("--json", "report").out == report, name


def test_source_images_are_named_and_never_touched(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    (small / "scene-0.png").unlink()
    shutil.copy(small / "scene-1.png", small / "scene-2.png")
    done = lsc("verify", "--repair", code=1)
    told = done.out.replace("\n", " ")
    assert f"original {small / 'scene-0.png'}: is gone" in told
    assert f"original {small / 'scene-2.png'}: has changed since it was registered" in told
    assert "Source images are never touched" in told
    assert lsc.count("image") == 3


def test_a_file_that_is_broken_gets_advice_that_works(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    content = bytearray(STORE.read_bytes())
    with closing(sqlite3.connect(STORE)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'step'").fetchone()
    content[(page - 1) * 4096 : page * 4096] = b"\x5a" * 4096
    STORE.write_bytes(content)
    for arguments in (("verify",), ("verify", "--repair")):
        done = lsc(*arguments, code=1)
        assert ".recover | sqlite3 new.sqlite" in done.out
        assert STORE.read_bytes() == bytes(content)
    for length in (1, 100, 4096, len(content) - 1):
        STORE.write_bytes(content[:length])
        assert "wrong: structure" in lsc("verify", code=1).out
        assert lsc.json("verify", code=1)["findings"][0]["what"] == "structure"


def test_a_copy_without_its_journal_is_found_out(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    with closing(sqlite3.connect(STORE, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("CREATE TABLE more AS SELECT * FROM step, step AS again")
        Path("copy").mkdir()
        shutil.copy(STORE, "copy/lsc.sqlite")  # in the middle of a write, and without lsc.sqlite-journal
        writer.execute("ROLLBACK")
    assert "wrong: structure" in lsc("--db", "copy/lsc.sqlite", "verify", code=1).out
    assert "is damaged (" in lsc("--db", "copy/lsc.sqlite", "report", code=1).error


def test_it_makes_no_store(lsc: Lsc) -> None:
    for command in ("verify", "gc"):
        assert "There is no store" in lsc("--db", "nothing/here.sqlite", command, code=2).error
    assert not Path("nothing").exists()


def test_json_lists_what_is_shown(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--captioner", "dataset", "-m", "order")
    scores = lsc.count("score")
    sql("UPDATE score SET value = 9e999")()
    found = json.loads(lsc("--json", "verify", "--repair").out)
    assert found["findings"] == []
    assert found["removed"]["score"] == scores > 0


def test_nothing_is_wrong_with_what_every_method_and_channel_makes(lsc: Lsc, small: Path) -> None:
    lsc("run", small, "--limit", 1)
    noisy = ("--channel", "awgn", "--ebn0-db", 4, "--crc", "crc6", "--arq", 1, "--reorder", "coded")
    lsc("run", small, "--limit", 1, "--captioner", "dataset", "-m", "order", *noisy)
    for metric in ("psnr", "ssim"):
        lsc("score", "--metric", metric)
    assert lsc.count("config") > 15
    assert lsc.json("verify")["findings"] == []
