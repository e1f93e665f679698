import errno
import os
from pathlib import Path

import pytest

from sim.base.errors import MachineError, RequestError
from sim.base.files import Staging, check_writable, refusal


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_files_appear_together(tmp_path: Path) -> None:
    with Staging(tmp_path / "new") as staging:
        with staging.file("a") as file:
            file.write(b"1")
        assert "a" not in listed(tmp_path / "new")
        with staging.file("b") as file:
            file.write(b"2")
    assert listed(tmp_path / "new") == ["a", "b"]


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), Staging(tmp_path) as staging:
        with staging.file("a") as file:
            file.write(b"new")
        raise ZeroDivisionError
    assert listed(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_folder_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Staging(tmp_path / "x" / "y") as staging:
        with staging.file("a") as file:
            file.write(b"1")
        raise KeyboardInterrupt
    assert listed(tmp_path) == []


def test_dropped_files_go_when_the_new_ones_come(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    with Staging(tmp_path) as staging:
        staging.drop(["old", "never"])
        with staging.file("new"):
            assert listed(tmp_path) == [f".new.{os.getpid()}.part", "old"]
    assert listed(tmp_path) == ["new"]


@pytest.mark.parametrize("below", ["taken", "taken/below", "taken/far/below"])
def test_a_file_in_the_way_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(RequestError, match="is not a folder, or lies below a file"):
        check_writable(tmp_path / below)
    with pytest.raises(RequestError, match="is not a folder"), Staging(tmp_path / below):
        pytest.fail("entered")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # a test may run as root
    with pytest.raises(RequestError, match="may not be written"):
        check_writable(tmp_path / "new")


def test_checking_touches_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert listed(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.EACCES, RequestError),
        (errno.EROFS, RequestError),
        (errno.ENAMETOOLONG, RequestError),
        (errno.ENOSPC, MachineError),
        (errno.EDQUOT, MachineError),
        (errno.EIO, MachineError),
    ],
)
def test_who_is_at_fault(code: int, kind: type) -> None:
    error = refusal(Path("out"), OSError(code, os.strerror(code)))
    assert isinstance(error, kind)
    assert "out" in str(error)
    assert "\n" not in str(error)
