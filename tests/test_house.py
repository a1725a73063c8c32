"""Rules of the house that nothing else would notice: who may import whom, how large, what is tested where."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "lsccli" / "core"
TESTS = ROOT / "tests"
MOST_LINES = 320
MOST_LOOSE = 5

# Slow to import: only inside the function that needs it, so that `lsc --help` and `lsc report` start at once.
HEAVY = {
    "torch",
    "torchvision",
    "transformers",
    "diffusers",
    "sionna",
    "scipy",
    "matplotlib",
    "spacy",
    "stanza",
    "lpips",
}

# Files of more lines than MOST_LINES, each with the reason.
LONG: dict[str, str] = {}

# Modules and packages of lsccli/core without tests where `places_of` looks, and where these are.
ELSEWHERE = {
    "captioners/blip": "core/captioners/test_captioners",
    "channel/arithmetic": "core/channel/test_lm",
    "channel/decoders": "core/channel/test_vocabulary",
    "channel/link": "core/channel/test_settings",
    "channel/models": "core/channel/test_theory",
    "channel/noise": "core/channel/test_transmit",
    "channel/received": "core/channel/test_transmit",
    "channel/waves": "core/channel/test_theory",
    "data/flickr": "core/data/test_caption_files",
    "data/json_text": "core/data/test_json_captions",
    "data/lines": "core/data/test_caption_files",
    "data/metadata": "core/data/test_caption_files",
    "data/names": "core/data/test_matching",
    "errors": "cli/test_store_files",
    "facts/attention": "core/methods/test_partbob",
    "facts/base": "core/models/test_models",
    "facts/grammar": "core/methods/test_orders",
    "facts/maps": "core/methods/test_maps",
    "interrupts": "cli/test_curate",
    "methods/alice": "core/methods/test_maps",
    "methods/bothcrossatt": "core/methods/test_maps",
    "methods/order": "core/methods/test_orders",
    "methods/prompttune": "core/methods/test_orders",
    "methods/shuffle": "core/methods/test_orders",
    "metrics/perceptual": "core/metrics/test_lpips_metric",
    "metrics/stop": "cli/test_stop_at",
    "models/loading": "cli/test_hub",
    "models/reference": "core/models/test_hub",
    "models/roles": "core/models/test_profile",
    "report/commands": "core/report/test_missing",
    "report/complete": "core/report/test_missing",
    "report/elsewhere": "core/report/test_missing",
    "report/export": "cli/test_export",
    "run/caption": "cli/test_stages",
    "run/evidence": "core/methods/test_maps",
    "run/experiment": "core/run/test_pipeline",
    "run/explain": "cli/test_methods",
    "run/forget": "cli/test_curate",
    "run/generate": "cli/test_stages",
    "run/history": "cli/test_curate",
    "run/judge": "cli/test_damage",
    "run/marks": "cli/test_curate",
    "run/originals": "cli/test_damage",
    "registry/given": "cli/test_no_result",
    "run/process": "cli/test_curate",
    "run/recomputed": "cli/test_recomputed",
    "run/rank": "cli/test_stages",
    "run/register": "cli/test_captions_in_force",
    "run/score": "cli/test_stages",
    "run/search": "core/methods/test_allbob",
    "run/sent": "core/run/test_pipeline",
    "run/transmit": "cli/test_stages",
    "run/until": "cli/test_stop_at",
    "run/workspace": "core/run/test_pipeline",
    "scc/link": "cli/test_scc",
    "store/artifacts": "cli/test_artifacts",
    "store/beside": "cli/test_store_files",
    "store/gc": "cli/test_gc",
    "store/repair": "cli/test_verify",
    "store/results": "golden/test_golden_keys",
    "store/rules": "cli/test_broken_store",
    "store/schema": "cli/test_broken_store",
    "store/store": "db/test_schema",
    "store/tables": "db/test_schema",
    "store/uses": "cli/test_curate",
    "store/verify": "cli/test_verify",
}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package and of training by its dotted name."""
    found = {}
    for file in sorted([*(ROOT / "lsccli").rglob("*.py"), *(ROOT / "training").rglob("*.py")]):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = file
    return found


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(node: ast.AST) -> set[str]:
    """What an import statement names: a.b for `import a.b`, and for `from a import b`."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute here"
        return {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a module is imported: all but the insides of functions and of `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_import(child)


def depends(name: str) -> set[str]:
    """The modules here that a module imports anywhere, lazily and for type checking too."""
    names = set().union(*map(imported, ast.walk(parsed(modules()[name]))))
    known = modules().keys()
    return {one if one in known else one.rpartition(".")[0] for one in names} & known - {name}


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Sets of modules that reach each other: strongly connected components, after R. Tarjan (1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(here: str) -> None:
        number[here] = low[here] = len(number)
        stack.append(here)
        for there in edges[here]:
            if there not in number:
                visit(there)
                low[here] = min(low[here], low[there])
            elif there in stack:
                low[here] = min(low[here], number[there])
        if low[here] == number[here]:
            place = stack.index(here)
            found.append(set(stack[place:]))
            del stack[place:]

    for name in edges:
        if name not in number:
            visit(name)
    return [circle for circle in found if len(circle) > 1]


def behaves(file: Path) -> bool:
    """Whether a module has a function or method that does something, beside declaring or refusing."""

    def does(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        body = [node for node in function.body if not isinstance(node, ast.Pass | ast.Raise)]
        return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)

    functions = (n for n in ast.walk(parsed(file)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(does(function) for function in functions)


def test_circles_are_found() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set()}
    assert circles(edges) == [{"a", "b", "c"}]


def test_no_import_circle() -> None:
    assert sys.getrecursionlimit() > len(modules())
    assert circles({name: depends(name) for name in modules()}) == []


def test_few_loose_modules_in_core() -> None:
    loose = [file.name for file in CORE.glob("*.py") if file.name != "__init__.py"]
    assert len(loose) <= MOST_LOOSE, loose


def test_core_imports_no_command_and_the_package_no_trainer() -> None:
    for name in modules():
        above = (
            {"lsccli.commands", "lsccli.cli", "training"} if name.startswith("lsccli.core") else {"training"}
        )
        if name.startswith("lsccli"):
            wrong = [one for one in depends(name) if any(f"{one}.".startswith(f"{up}.") for up in above)]
            assert not wrong, f"{name} imports {wrong}"


def test_files_stay_short() -> None:
    lines = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / "lsccli").rglob("*.py")
    }
    long = {name: count for name, count in lines.items() if count > MOST_LINES and name not in LONG}
    assert not long
    assert not [name for name in LONG if lines.get(name, 0) <= MOST_LINES], (
        "short again: take it off the list"
    )


@pytest.mark.parametrize("name", [name for name in modules() if name.startswith("lsccli")])
def test_nothing_heavy_is_imported_with_a_module(name: str) -> None:
    names = set().union(*map(imported, at_import(parsed(modules()[name]))))
    assert not {one.split(".")[0] for one in names} & HEAVY


def places_of(name: str) -> list[str]:
    """Where a reader looks for the tests of scc/coder and of channel/codes/hamming, below tests/, by name.

    They are core/scc/test_coder and core/channel/codes/test_hamming; or, of the entries of a kind together,
    core/channel/test_codes or core/channel/codes/test_codes.
    """
    folder, _, module = name.rpartition("/")
    above, _, kind = folder.rpartition("/")
    places = [Path(folder, f"test_{module}"), Path(above, f"test_{kind}"), Path(folder, f"test_{kind}")]
    return [f"core/{place.as_posix()}" for place in places]


def test_each_module_of_core_has_its_tests_where_a_reader_looks() -> None:
    missing = []
    for file in sorted(CORE.rglob("*.py")):
        name = file.relative_to(CORE).with_suffix("").as_posix()
        if (
            file.name == "__init__.py"
            or not behaves(file)
            or {name, str(Path(name).parent)} & ELSEWHERE.keys()
        ):
            continue
        if not any((TESTS / f"{place}.py").is_file() for place in places_of(name)):
            missing.append(f"{name}: {' or '.join(places_of(name))}")
    assert not missing


@pytest.mark.parametrize(("name", "place"), ELSEWHERE.items())
def test_those_tested_elsewhere_are_tested_there(name: str, place: str) -> None:
    assert (CORE / f"{name}.py").is_file() or (CORE / name).is_dir(), "gone: take it off the list"
    assert not (TESTS / f"{places_of(name)[0]}.py").is_file(), "it has its own tests: take it off the list"
    assert (TESTS / f"{place}.py").is_file()
