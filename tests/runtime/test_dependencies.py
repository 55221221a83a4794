"""The dependencies: each with a reason, locked by hash, and nothing names where one machine gets packages from."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {"run": [], "demo": ["demo"], "dev": ["demo", "test", "check"]}


def lock_text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def locked(name: str) -> dict[str, str]:
    return {canonicalize_name(p): v for p, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock_text(name), re.MULTILINE)}


def wanted(groups: list[str]) -> list[Requirement]:
    chosen = [*PYPROJECT["project"]["dependencies"]]
    for group in groups:
        chosen += PYPROJECT["dependency-groups"][group]
    return [Requirement(line) for line in chosen]


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_is_in_step_with_the_project(name: str) -> None:
    pins = locked(name)
    for requirement in wanted(LOCKS[name]):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = lock_text(name)
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "an option of pip: an index or a directory of one machine"


def test_the_locks_agree_with_each_other() -> None:
    everything = locked("dev")
    for name in ("run", "demo"):
        assert locked(name).items() <= everything.items()


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    declared = [n for n, line in enumerate(lines) if re.match(r'    "[A-Za-z][A-Za-z0-9._\[\],-]+[=<>][^"]*",$', line)]
    assert len(declared) == len(wanted(["demo", "test", "check"]))
    for number in declared:
        assert lines[number - 1].startswith("    # "), lines[number]


def test_no_package_index_stands_in_the_tree() -> None:
    # Spelled so that this file does not contain what it looks for.
    index = "|".join(
        ("/" + "simple\\b", "python" + "hosted", "py" + "pi\\.", "art" + "ifactory", "dev" + "pi", "ne" + "xus")
    )
    option = "|".join(("index-" + "url", "find-" + "links", "trusted-" + "host", "index_" + "url"))
    pattern = re.compile(rf"\w+://[^\s\"']*({index})|--({option})|^\s*({option})\s*=", re.IGNORECASE | re.MULTILINE)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and pattern.search(path.read_text(errors="ignore")):
            found.append(name)
    assert found == []
