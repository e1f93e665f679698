"""Reading TOML: the line of every key, and a line for whatever is broken."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.base.errors import RequestError
from sim.config import shipped
from sim.config.toml.document import BYTES_MAX, KEY_PARTS_MAX, Document, read_document

EVERYTHING = '''\
title = "x = [1]" # not = a key
"quoted.key" = 1

[set] # [a]
'q' = [1, # ]
 2,
 "=" ]
text = """
k = 1
[no]"""
literal = \'\'\'
"""
\'\'\'
[[event]]
name = 'a'
set = {"x.y" = 1, z = {q = 1}}
[[event]]
a.b = 2
a.c = 3
[event.more]
k = 1
[[event.deep]]
[[event.deep]]
j = """a"""""
[ "fleets" . us ]
 last."x\\ty" = [
[1],
]'''


def document(text: str) -> Document:
    return Document(Path("x.toml"), text, tomllib.loads(text))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("title",), 1),
        (("quoted.key",), 2),
        (("set",), 4),
        (("set", "q"), 5),
        (("set", "text"), 8),
        (("set", "literal"), 11),
        (("event", 0), 14),
        (("event", 0, "name"), 15),
        (("event", 0, "set", "x.y"), 16),
        (("event", 0, "set", "z", "q"), 16),
        (("event", 1), 17),
        (("event", 1, "a", "b"), 18),
        (("event", 1, "a", "c"), 19),
        (("event", 1, "more", "k"), 21),
        (("event", 1, "deep", 0), 22),
        (("event", 1, "deep", 1, "j"), 24),
        (("fleets", "us"), 25),
        (("fleets", "us", "last", "x\ty"), 26),
        (("fleets", "us", "missing"), 25),
        (("missing",), None),
        ((), None),
    ],
)
def test_every_key_has_its_line(keys, line):
    assert document(EVERYTHING).line(keys) == line


@pytest.mark.parametrize("file", sorted(shipped.FOLDER.rglob("*.toml")), ids=lambda file: file.stem)
def test_lines_of_shipped_files_hold_their_keys(file):
    source = read_document(file)
    lines = source.text.split("\n")

    def check(keys, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                check((*keys, key), inner)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for position, inner in enumerate(value):
                check((*keys, position), inner)
        else:
            assert keys[-1] in lines[source.line(keys) - 1]

    check((), source.data)


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans())))
def test_any_key_and_any_text_are_found(values):
    def quoted(text):
        inner = "".join(f"\\U{ord(c):08x}" if not c.isalnum() else c for c in text)
        return f'"{inner}"'

    written = [
        f"{quoted(k)} = {quoted(v) if isinstance(v, str) else str(v).lower()}"
        for k, v in values.items()
    ]
    source = document("\n".join(written))
    assert [source.line((key,)) for key in source.data] == list(range(1, len(values) + 1))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = 1\nb =\nc = 3", "x.toml, line 2: broken TOML, invalid value: b ="),
        (b"a = 1\n\nb = c", "x.toml, line 3: broken TOML, invalid value: b = c"),
        (b"a = 1\nb = [1,\n2\n", "x.toml, line 3: broken TOML, unclosed array: 2"),
        (b"a = 1\na = 2", "x.toml, line 2: key or table given twice: a = 2"),
        (b"[a]\n[b]\n[a]\n[c]", "x.toml, line 3: key or table given twice: [a]"),
        (b"[a]\nb = 1\n[a.b]\nc = 1", "x.toml, line 3: key or table given twice: [a.b]"),
        (b"a = {b = 1}\na.c = 2\nd = 3", "x.toml, line 2: key or table given twice: a.c = 2"),
        (b"ok = 1\nbad = '\xff'\n", "x.toml, line 2: not UTF-8 text"),
        ("a = 1".encode("utf-16"), "x.toml, line 1: not UTF-8 text"),
        (b"a = 1\nb = " + b"9" * 5000, "x.toml, line 2: number of too many digits"),
        (b"a = [{}, []]\nb = " + b"[" * 5000, "x.toml, line 2: nested too deeply"),
        (b"a = 1\nb = " + b"{x = " * 5000, "x.toml, line 2: nested too deeply"),
    ],
)  # fmt: skip
def test_what_is_broken_is_named_with_its_line(content, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_bytes(content)
    with pytest.raises(RequestError) as caught:
        read_document(Path("x.toml"))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "key",
    [
        "a." * 300_000 + "a",
        '"a".' * 100_000 + "a",
        ".".join("a" * (KEY_PARTS_MAX + 1)),
        "a . " * 99,
    ],
)
@pytest.mark.parametrize("form", ["{} = 1", "[{}]"])
def test_keys_of_very_many_parts_are_refused_before_they_are_parsed(key, form, tmp_path):
    file = tmp_path / "x.toml"
    file.write_text("x = 1\n" + form.format(key))
    with pytest.raises(RequestError, match=r"line 2: key of too many parts; allowed: .* 16 parts"):
        read_document(file)


def test_keys_and_prose_of_ordinary_length_are_read(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(".".join("a" * KEY_PARTS_MAX) + ' = "Yes. No. A.B.C. 1.2.3 e.g. this."')
    assert read_document(file).data


def test_windows_files_are_read(tmp_path):
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    source = read_document(file)
    assert source.data == {"a": 1, "b": 2}
    assert source.line(("b",)) == 2


def test_a_missing_file_brings_the_nearest_beside_it(tmp_path):
    (tmp_path / "hormuz.toml").touch()
    with pytest.raises(RequestError, match=r"no such file; did you mean hormuz\.toml\?"):
        read_document(tmp_path / "hormus.toml")
    with pytest.raises(RequestError, match=r"no such file$"):
        read_document(tmp_path / "nowhere" / "hormuz.toml")
    with pytest.raises(RequestError, match=r"no such file$"):
        read_document(tmp_path / "hormuz.toml" / "hormuz.toml")


def test_what_is_no_file_is_refused(tmp_path):
    folder, pipe, loop = tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "c.toml"
    folder.mkdir()
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    with pytest.raises(RequestError, match="a directory, not a file"):
        read_document(folder)
    with pytest.raises(RequestError, match="not an ordinary file"):
        read_document(pipe)
    with pytest.raises(RequestError, match="cannot be read"):
        read_document(loop)
    with pytest.raises(RequestError, match="not a file name"):
        read_document(Path("x\0.toml"))
    with pytest.raises(RequestError, match="cannot be read, File name too long"):
        read_document(Path("x" * 5000 + ".toml"))


def test_a_file_beyond_the_limit_is_refused(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text("#" * BYTES_MAX)
    assert read_document(file).data == {}
    file.write_text("#" * (BYTES_MAX + 1))
    with pytest.raises(RequestError, match="file too large; allowed: at most 1,000,000 bytes"):
        read_document(file)
