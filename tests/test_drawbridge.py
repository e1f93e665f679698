"""Another package under the name of one of Drawbridge's is named in one line; nothing is run."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sim.base.errors import ForeignModuleError
from sim.base.foreign_modules import check

ROOT = Path(__file__).parents[1]
PACKAGES = ("sim", "agents", "configs", "experiments")
COMMAND = "import sys; from drawbridge import main; sys.argv[1:] = ['scenarios']; main()"


def run(code: str, *path: Path) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own that looks in these folders first."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=path[0],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )


def foreign(folder: Path, name: str) -> Path:
    """A package of this name with another's content; its file."""
    file = folder / name / "__init__.py"
    file.parent.mkdir()
    file.write_text('"""Tools for something else."""\n\nprint("imported")\n')
    return file


@pytest.mark.parametrize("name", PACKAGES)
def test_the_command_names_a_foreign_package(name: str, tmp_path: Path) -> None:
    file = foreign(tmp_path, name)
    ended = run(COMMAND, tmp_path, ROOT)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"drawbridge: {file} would be imported ")
    assert ended.stderr.count("\n") == 1


def test_a_single_file_is_foreign_too(tmp_path: Path) -> None:
    for name in PACKAGES:
        file = tmp_path / f"{name}.py"
        file.write_text("")
        ended = run(COMMAND, tmp_path, ROOT)
        file.unlink()
        assert ended.returncode == 2
        assert str(file) in ended.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_another_was_installed_over_is_foreign(name: str, tmp_path: Path) -> None:
    """An installer puts both into one folder, where the later `__init__.py` stays."""
    for one in ("drawbridge.py", *PACKAGES):
        if one != name:
            (tmp_path / one).symlink_to(ROOT / one)
    file = foreign(tmp_path, name)
    if name == "sim":  # the rest of it is still there
        (file.parent / "base").symlink_to(ROOT / "sim" / "base")
    ended = run(COMMAND, tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"drawbridge: {file} would be imported ")
    assert ended.stderr.count("\n") == 1


def test_the_module_is_guarded_like_the_command(tmp_path: Path) -> None:
    file = foreign(tmp_path, "agents")
    ended = run(
        "import runpy; runpy.run_module('experiments', run_name='__main__')", tmp_path, ROOT
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"drawbridge: {file} ")


@pytest.mark.parametrize("name", ["agents", "configs"])
def test_the_door_of_python_names_a_foreign_package(name: str, tmp_path: Path) -> None:
    file = foreign(tmp_path, name)
    ended = run("from sim import load_scenario", tmp_path, ROOT)
    assert (ended.returncode, ended.stdout) == (1, "")
    last = ended.stderr.splitlines()[-1]
    assert last.startswith(f"sim.base.errors.ForeignModuleError: {file} would be imported ")
    caught = "try:\n from sim import run_ensemble\nexcept ImportError as error:\n print(error.path)"
    assert run(caught, tmp_path, ROOT).stdout == f"{file}\n"


def test_folders_of_ones_own_stand_in_nobodys_way(tmp_path: Path) -> None:
    """`sim` needs no `experiments`, and a folder of files is no package."""
    foreign(tmp_path, "experiments")
    (tmp_path / "configs").mkdir()
    ended = run("from sim import load_scenario; print(load_scenario().title)", tmp_path, ROOT)
    assert ended.stdout == "Baseline\n", ended.stderr


def test_all_packages_are_found_to_be_drawbridges() -> None:
    check(*PACKAGES)
    check("no_such_package")


def test_looking_imports_nothing(tmp_path: Path) -> None:
    code = "import sys; from sim.base.foreign_modules import check; before = set(sys.modules)"
    ended = run(f"{code}; check(*{PACKAGES}); print(*set(sys.modules) - before)", tmp_path, ROOT)
    assert ended.stdout == "\n", ended.stderr


def test_a_folder_alone_is_no_package_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_folder_alone").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert find_spec("a_folder_alone") is not None
    with pytest.raises(ForeignModuleError) as raised:
        check("a_folder_alone")
    assert raised.value.exit_code == 2
    assert (raised.value.name, raised.value.path) == (
        "a_folder_alone",
        str(tmp_path / "a_folder_alone"),
    )
