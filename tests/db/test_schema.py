"""The schema file, the migrations and the tables say the same."""

import importlib.util
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from lsccli.core.errors import LscError
from lsccli.core.store import store as stores
from lsccli.core.store.connection import engine_of
from lsccli.core.store.keys import identity
from lsccli.core.store.store import Store, add, config_id, db_folder, prompt_ids
from lsccli.core.store.tables import FIRST_VERSION, SCHEMA_VERSION, Prompt

# What opens the rollback journal of SQLite.
JOURNAL = bytes.fromhex("d9d505f920a163d7")
DB = Path(__file__).parents[2] / "db"


def dump() -> str:
    spec = importlib.util.spec_from_file_location("dump_schema", DB / "dump_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.schema()


def tables(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def test_schema_file_is_what_the_tables_say() -> None:
    assert (DB / "schema.sql").read_text(encoding="utf-8") == dump(), "run: python db/dump_schema.py"


def test_there_is_a_migration_per_version() -> None:
    versions = sorted(path.name for path in (DB / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in versions] == [f"{n:04d}" for n in range(FIRST_VERSION, SCHEMA_VERSION + 1)]


def test_migrations_end_at_the_schema(tmp_path: Path) -> None:
    fresh = Store(str(tmp_path / "fresh.sqlite"))
    fresh.close()
    # A store of version 0 that has no tables is made anew; migrations are run by hand from nothing.
    from alembic import command
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(db_folder() / "migrations"))
    engine = engine_of(tmp_path / "migrated.sqlite")
    with engine.connect() as connection, connection.begin():
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    engine.dispose()
    assert tables(tmp_path / "migrated.sqlite") == tables(tmp_path / "fresh.sqlite")


def test_a_new_store_has_the_version_and_opens_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lsc.sqlite"
    store = Store(f"sqlite:///{path}")
    with store.write() as session:
        session.add(Prompt(text="a dog"))
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    again = Store(str(path))
    with again.read() as session:
        assert session.execute(text("SELECT text FROM prompt")).scalar_one() == "a dog"
    assert again.artifacts == path.parent / "artifacts"


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{next:04d}"
down_revision = "{now:04d}"


def upgrade() -> None:
    op.add_column("prompt", sa.Column("note", sa.Text(), server_default="kept"))
"""


def test_an_older_store_is_migrated_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lsc.sqlite"
    store = Store(str(path))
    with store.write() as session:
        prompt_ids(session, ["a dog"])
    store.close()
    shutil.copytree(DB, tmp_path / "db", ignore=shutil.ignore_patterns("*.sqlite*", "artifacts"))
    after = SCHEMA_VERSION + 1
    script = NEXT.replace("{next:04d}", f"{after:04d}").replace("{now:04d}", f"{SCHEMA_VERSION:04d}")
    (tmp_path / "db" / "migrations" / "versions" / f"{after:04d}_notes.py").write_text(script)
    schema = tmp_path / "db" / "schema.sql"
    before = "  text TEXT NOT NULL,\n  PRIMARY KEY (id),\n  UNIQUE (text)"
    assert before in schema.read_text()
    after_it = before.replace("NULL,", "NULL, note TEXT DEFAULT 'kept',", 1)
    schema.write_text(schema.read_text().replace(before, after_it))
    monkeypatch.setattr(stores, "db_folder", lambda: tmp_path / "db")
    monkeypatch.setattr(stores, "SCHEMA_VERSION", after)
    again = Store(str(path))
    with again.read() as session:
        assert session.execute(text("SELECT text, note FROM prompt")).all() == [("a dog", "kept")]
        assert session.execute(text("PRAGMA user_version")).scalar_one() == after
    again.close()
    Store(str(path)).close()  # and once more, with nothing to do


@pytest.mark.parametrize("version", [1, 2])
def test_a_store_of_the_time_before_is_refused_and_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / "lsc.sqlite"
    Store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    # As a writer leaves it that was killed: its journal is hot.
    (tmp_path / "lsc.sqlite-journal").write_bytes(JOURNAL + b"\0" * 600)
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    with pytest.raises(LscError, match=r"made by lsc 0\.1.*--db"):
        Store(str(path))
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    assert after == before


@pytest.mark.parametrize("version", [1, 2])
def test_neither_is_one_with_a_write_ahead_log(tmp_path: Path, version: int) -> None:
    path = tmp_path / "lsc.sqlite"
    Store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(LscError, match=r"made by lsc 0\.1"):
        Store(str(path))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lsc.sqlite"
    Store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = path.read_bytes()
    with pytest.raises(LscError, match="newer lsc"):
        Store(str(path))
    assert path.read_bytes() == before


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are notes, long enough to be no database's header.\n" * 9)
    with pytest.raises(LscError, match="cannot be opened"):
        Store(str(tmp_path / "notes.txt"))
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(LscError, match="not a store of lsc"):
        Store(str(tmp_path / "other.sqlite"))
    with pytest.raises(LscError, match="SQLite file"):
        Store("postgresql://localhost/lsc")


def test_rows_never_double_and_ids_stay(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "lsc.sqlite"))
    with store.write() as session:
        first = config_id(session, "metric", "storybook", identity(metric="ssim", size=64))
        assert config_id(session, "metric", "paper", identity(size=64, metric="ssim")) == first
        assert config_id(session, "metric", "storybook", identity(metric="ssim", size=65)) != first
        ids = prompt_ids(session, ["", "a", "a", "a dog"])
        assert prompt_ids(session, ["a dog", "", "a"]) == ids
        assert add(session, Prompt, [{"text": "a"}, {"text": "new"}]) == 1
        assert session.execute(text("SELECT count(*) FROM config")).scalar_one() == 2


def test_an_error_rolls_the_whole_batch_back(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "lsc.sqlite"))

    def broken() -> None:
        with store.write() as session:
            prompt_ids(session, ["kept by nobody"])
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        broken()
    with store.read() as session:
        assert session.execute(text("SELECT count(*) FROM prompt")).scalar_one() == 0
