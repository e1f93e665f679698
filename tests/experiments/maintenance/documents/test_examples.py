"""Examples of a page: what runs, in which order, and what the page shows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.maintenance.documents.examples import (
    Command,
    Workshop,
    blocks,
    listed,
    session,
    settled,
    written,
)

PAGE = """# A page

<!-- file: twice.py -->
```python
print(2 * 21)
```

```console
$ python twice.py
old
```

<!-- slow: an hour -->
```console
$ python twice.py
old
```

<!-- not run: only shown -->
```sh
drawbridge watch
```

```sh
drawbridge run  # a comment
```

Words.
"""


def test_blocks_know_the_comment_before_them() -> None:
    found = [(block.language, block.key, block.value) for block in blocks(PAGE)]
    assert found == [
        ("python", "file", "twice.py"),
        ("console", "", ""),
        ("console", "slow", "an hour"),
        ("sh", "not run", "only shown"),
        ("sh", "", ""),
    ]


def test_a_session_is_commands_with_what_stands_below_them() -> None:
    assert session("$ a\n1\n2\n$ b\n") == [Command("a", "1\n2\n"), Command("b", "")]


def test_what_a_command_prints_takes_the_place_of_what_stood_there(tmp_path: Path) -> None:
    made = written(PAGE, Workshop(tmp_path))
    assert made == PAGE.replace("old", "42", 1)
    assert written(PAGE, Workshop(tmp_path, slow=True)) == PAGE.replace("old", "42")


def test_a_session_that_shows_nothing_stays_so(tmp_path: Path) -> None:
    page = PAGE.replace("old\n", "")
    assert written(page, Workshop(tmp_path)) == page


def test_times_and_digests_do_not_count() -> None:
    first = "Results   results/a-1-run-seed-1-9a84e905, after 2.0 s  \n9.67e-16 of turnover\n"
    second = "Results   results/a-1-run-seed-1-1b84e905, after 1 min 3 s\n1.1e-15 of turnover"
    assert settled(first) == settled(second)
    assert settled("12.0 months") != settled("12.1 months")


def test_output_that_says_the_same_stays_as_it_is(tmp_path: Path) -> None:
    page = "<!-- file: a.py -->\n```python\nprint('took 2.0 s')\n```\n\n```console\n"
    page += "$ python a.py\ntook 9.9 s\n```\n"
    assert written(page, Workshop(tmp_path)) == page


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nowhere ended with 2"):
        Workshop(tmp_path).run("drawbridge run nowhere")
    with pytest.raises(AssertionError, match="do not run rm"):
        Workshop(tmp_path).run("rm -rf nothing")


def test_listed_commands_are_those_that_may_run() -> None:
    assert listed(PAGE) == ["drawbridge run"]
