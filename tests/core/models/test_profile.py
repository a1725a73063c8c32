"""Profiles: what the built-in ones say, and one line for whatever is wrong in a file."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from lsccli.core.errors import LscError, MissingModelError
from lsccli.core.models.profile import PROFILES, load_profile
from lsccli.core.models.reference import ModelRef
from lsccli.core.models.roles import ROLES, models_of
from lsccli.core.options import options_of


def write(folder: Path, content: str, name: str = "mine") -> str:
    path = folder / f"{name}.toml"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_the_built_in_profiles() -> None:
    paper, turbo, storybook = (load_profile(name) for name in ("paper", "turbo", "storybook"))
    assert {paper.name, turbo.name, storybook.name} == set(PROFILES)
    receiver = paper.need("receiver")
    assert (receiver.steps, receiver.guidance, receiver.width, receiver.seed) == (50, 7.5, 512, 100)
    assert receiver.scheduler == "as shipped"
    # turbo is the paper's but for the receiver.
    assert {role for role in ROLES.all() if paper.roles.get(role) != turbo.roles.get(role)} == {
        "receiver",
        "text_encoder",
    }
    assert turbo.text_encoder.model == turbo.receiver.model == ModelRef("stabilityai/sd-turbo")
    assert paper.distilled_captioner is None
    assert storybook.banner() == "storybook: drawn scenes only; for photographs --models paper or turbo"
    for role in storybook.roles:
        assert storybook.identity(role).settings


def test_every_field_of_every_role_is_an_option_of_the_file() -> None:
    for spec in ROLES.all().values():
        assert all(option.help for option in options_of(spec.make))
        # What teaches may change from one command to the next, all else is the file's alone.
        assert all(option.flag == "" for option in options_of(spec.make)) or spec.name == "pairs"
    assert models_of(ROLES.find("bob_captioner").make) == ["model", "clip"]


def test_a_role_that_is_not_named_is_none_and_needed_is_one_line() -> None:
    paper = load_profile("paper")
    assert paper.distilled_captioner is None
    with pytest.raises(MissingModelError, match=r"names no distilled_captioner: nobody has published one"):
        paper.need("distilled_captioner")
    with pytest.raises(AttributeError, match="carol"):
        _ = paper.carol
    with pytest.raises(LscError, match=r"Unknown role 'recever'\. Did you mean receiver"):
        paper.need("recever")
    assert pickle.loads(pickle.dumps(paper)) == copy.deepcopy(paper) == paper


def test_a_file_names_directories_from_where_it_lies(
    tiny_profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    profile = load_profile(str(tiny_profile))
    assert profile.captioner.model.find().directory == tiny_profile.parent / "captioner"
    (tmp_path / "below").mkdir()
    base = Path(write(tmp_path / "below", f'extends = "{tiny_profile}"\n[metric]\nsize = 17\n', "base"))
    other = load_profile(write(tmp_path / "below", 'extends = "base.toml"\n[receiver]\nsteps = 3\n'))
    assert (other.metric.size, other.metric.name, other.receiver.steps) == (17, "ssim", 3)
    assert (other.name, other.receiver.guidance) == ("mine", 3.0)
    assert base.is_file()


def test_revisions_go_with_the_model_that_they_stand_beside(tmp_path: Path) -> None:
    content = '[bob_captioner]\nmodel = "a/b"\nrevision = "one"\nclip = "c/d"\nclip_revision = "two"\n'
    role = load_profile(write(tmp_path, content)).need("bob_captioner")
    assert (role.model, role.clip) == (ModelRef("a/b", "one"), ModelRef("c/d", "two"))


RECEIVER = '[receiver]\nmodel = "a/b"\n'
WRONG = {
    "no table": ("receiver = 3", "receiver 3: give a table"),
    "unknown role": ("[carol]\n", "unknown entry 'carol'; roles are .*captioner"),
    "unknown setting": (
        RECEIVER + "colour = 1",
        r"\[receiver\] has no setting 'colour'; it has model, steps",
    ),
    "no model": ("[matcher]\nlayer = 1", r"\[matcher\] lacks model"),
    "model of a number": ("[matcher]\nmodel = 1", "model 1: give the name of a model"),
    "empty model": ('[matcher]\nmodel = ""', "give the name of a model"),
    "revision of a number": (RECEIVER + "revision = 1", "revision 1: give a text"),
    "revision of no model": ('[parser]\nrevision = "x"', "no setting 'revision'"),
    "no parser": ('[parser]\nmodel = ""', r"\[parser\] model: '' names no parser: give a spaCy pipeline"),
    "a family of parsers alone": ('[parser]\nmodel = "stanza:"', "'stanza:' names no parser: .* stanza:en"),
    "another family": ('[parser]\nmodel = "corenlp:en"', "'corenlp:en' names no parser"),
    "family of a family": ('[parser]\nmodel = "spacy:stanza:en"', "names no parser"),
    "third conversion": ("[parser]\nconversion = 3", "conversion 3: give a whole number from 1 to 2"),
    "conversion of Stanza": (
        '[parser]\nmodel = "stanza:en"\nconversion = 2',
        "conversion 2 is of spaCy's labels: leave it out with stanza:en",
    ),
    "steps": (RECEIVER + "steps = 0", "steps 0: give a whole number"),
    "half a step": (RECEIVER + "steps = 1.5", "steps 1.5: give a whole number"),
    "switch for a number": (RECEIVER + "steps = true", "steps True: give a whole number"),
    "guidance": (RECEIVER + "guidance = -1.0", "guidance -1.0: give a number from 0"),
    "too much guidance": (RECEIVER + "guidance = 1e9", "guidance 1000000000.0: give a number from 0 to 1000"),
    "too many steps": (RECEIVER + "steps = 100000", "steps 100000: give a whole number from 1 to 10000"),
    "too wide": (RECEIVER + "width = 100000", "width 100000: give a whole number from 1 to 8192"),
    "small for ssim": (
        '[metric]\nname = "ssim"\nsize = 10\n',
        "size 10: ssim needs images of at least 11",
    ),
    "small for stlpips": (
        '[metric]\nname = "STLPIPS-alex"\nsize = 20\n',
        "size 20: stlpips-alex needs images of at least 21 pixels a side",
    ),
    "small for lpips": ("[metric]\nsize = 30\n", "size 30: lpips-alex needs images of at least 31 pixels"),
    "endless guidance": (RECEIVER + "guidance = inf", "guidance inf: give a number"),
    "guidance of no number": (RECEIVER + "guidance = nan", "guidance nan: give a number"),
    "width": (RECEIVER + "width = 0", "width 0: give"),
    "enormous height": (RECEIVER + "height = 1_000_000", "height 1000000: give"),
    "seed": (RECEIVER + "seed = -1", "seed -1: give"),
    "beams": ('[captioner]\nmodel = "a/b"\nbeams = 0', "beams 0: give"),
    "layer": ('[matcher]\nmodel = "a/b"\nlayer = -1', "layer -1: give"),
    "size": ("[metric]\nsize = 0", "size 0: give"),
    "name of a number": ("name = 3", "name 3: give a text"),
    "name as a table": ("[name]\nfirst = 1", "name {'first': 1}: give a text"),
    "extends of a number": ("extends = 3", "extends 3: give a text"),
    "extends nothing": ('extends = "nobody"', "No profile 'nobody'"),
    "no TOML": ("name = ", "is not a TOML file"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_file_is_one_line(tmp_path: Path, case: str) -> None:
    content, told = WRONG[case]
    with pytest.raises(LscError, match=told) as caught:
        load_profile(write(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_whole_number_may_stand_for_a_float(tmp_path: Path) -> None:
    guidance = load_profile(write(tmp_path, RECEIVER + "guidance = 3")).receiver.guidance
    assert (guidance, type(guidance)) == (3.0, float)


def test_a_profile_cannot_extend_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, 'extends = "other.toml"\n')
    write(tmp_path, 'extends = "mine.toml"\n', "other")
    write(tmp_path, 'extends = "./alone.toml"\n', "alone")
    for name in ("mine.toml", "alone.toml"):
        with pytest.raises(LscError, match=r"extends itself: .*→") as caught:
            load_profile(name)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["bundle:../..", "bundle:..", "bundle:", "bundle:clip/../clip", "bundle:nothing"]
)
def test_a_bundled_model_is_one_of_the_bundle(name: str) -> None:
    with pytest.raises(MissingModelError, match=name.replace(".", r"\.")):
        ModelRef(name).find()
    assert "here" not in ModelRef(name).state().split(",")[0].split()


def test_defaults_are_left_out_of_keys_and_models_never(tiny_profile: Path, tmp_path: Path) -> None:
    content = f'extends = "{tiny_profile}"\n[captioner]\nmax_new_tokens = 30\n'
    own = load_profile(write(tmp_path, content)).identity("captioner")
    assert set(own.settings) == {"model", "beams", "max_new_tokens"}
    assert set(own.named) == {"model"}
    assert own.named["model"] == own.settings["model"]
    assert own.named["model"].startswith("sha256:")


def test_a_parser_may_have_its_family_before_its_name(tmp_path: Path) -> None:
    def parser(model: str) -> str:
        return str(load_profile(write(tmp_path, f'[parser]\nmodel = "{model}"')).need("parser").model)

    assert parser("spacy:en_core_web_md") == parser("en_core_web_md") == "en_core_web_md"
    assert parser("stanza:en") == "stanza:en"
    assert parser("C:/pipelines/mine") == "C:/pipelines/mine"
    # Directories are meant from where the file lies, in every spelling.
    (tmp_path / "mine").mkdir()
    (tmp_path / "en").mkdir()
    assert parser("spacy:mine") == parser("mine") == str(tmp_path / "mine")
    assert parser("stanza:mine") == f"stanza:{tmp_path / 'mine'}"
    assert parser("stanza:en") == "stanza:en"
