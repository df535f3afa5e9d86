"""Documents of ours: whatever is wrong with one is said with its file, line and value."""

import json
from pathlib import Path

import pytest

from contracts.documents import line_of, parse_document, read_document
from contracts.errors import ContractError

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["format"],
    "properties": {
        "format": {"const": 1},
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "row": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "size": {"type": "integer"}, "at": {"type": "object"}},
            },
        },
    },
}


@pytest.fixture(name="formats")
def folder_of_formats(tmp_path: Path) -> Path:
    (tmp_path / "sample.schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    return tmp_path


WRONG_BYTES = {
    "not utf-8": (b'format = 1\nname = "\xff"\n', "cannot be read", None),
    "not toml": (b"format = 1\nname = \n", "is not TOML", 2),
    "cut off": (b'format = 1\nname = """abc\n', "is not TOML", 2),
    "key twice": (b"format = 1\nformat = 1\n", "is not TOML", 2),
    "number beyond all limits": (b"format = " + b"1" * 5000, "is not TOML", None),
}


@pytest.mark.parametrize("content, problem, line", WRONG_BYTES.values(), ids=WRONG_BYTES)
def test_unreadable_file_is_reported_with_its_line(
    content: bytes, problem: str, line: int | None, formats: Path
) -> None:
    file = formats / "wrong.toml"
    file.write_bytes(content)
    with pytest.raises(ContractError, match=problem) as caught:
        read_document(file, "sample", formats)
    assert (caught.value.place.file, caught.value.place.line) == (file, line)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_missing_file_and_folder_are_reported(name: str, formats: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read") as caught:
        read_document(formats / name, "sample", formats)
    assert caught.value.place.file == formats / name


WRONG_CONTENT = {
    "missing key": ('name = "abc"', None, None, "'format' is a required property"),
    "wrong constant": ("# about\nformat = 2", 2, 2, "1 was expected"),
    "wrong pattern": ('format = 1\nname = "ABC"', 2, "ABC", r"It must match \^\[a-z\]\+\$"),
    "unknown key": ('format = 1\n\ncolour = "red"', 3, "colour", "Known here: format, name, row"),
    "wrong type": ("format = 1\nrow = 3", 2, 3, "is not of type 'array'"),
    "missing key of a table": ("format = 1\n[[row]]\nid = 'a'\n[[row]]\nsize = 1", 4, None, "'id' is a required"),
    "wrong value of a table": ("format = 1\n[[row]]\nid = 'a'\n[[row]]\nid = 'b'\nsize = 'x'", 6, "x", "row.1.size"),
    "unknown key of a table": (
        "format = 1\n[[row]]\nid = 'a'\nsize = 1\nweight = 2",
        5,
        "weight",
        "Known here: at, id",
    ),
}


@pytest.mark.parametrize("text, line, value, said", WRONG_CONTENT.values(), ids=WRONG_CONTENT)
def test_wrong_content_is_reported_with_line_and_value(
    text: str, line: int | None, value: object, said: str, formats: Path
) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        parse_document(text, Path("some.toml"), "sample", formats)
    assert (caught.value.place.line, caught.value.value) == (line, value)
    assert str(caught.value).startswith("some.toml:" if line is None else f"some.toml:{line}:")
    assert value is None or repr(value) in str(caught.value)


def test_right_content_is_given_back(formats: Path) -> None:
    text = "format = 1\n[[row]]\nid = 'a'\nat.soap11 = '1:2'"
    expected = {"format": 1, "row": [{"id": "a", "at": {"soap11": "1:2"}}]}
    assert parse_document(text, Path("some.toml"), "sample", formats) == expected


TEXT = '''\
first = 1
text = """
first = 2
[inside]
"""
raw = \'\'\'one line\'\'\'
list = [
  "first = 3",  # not a [header]
  ["nested"],
  [
    "deeper"
  ]
]
inline = { a = 1, b = [ { c = 2 } ] }

[[operation]]   # a [comment]
name = "one"

[[operation.leaf]]
path = "a"

[[operation.leaf]]
path = "b"
at.soap11 = "1:2"
at.soap12 = "3:4"

[[operation]]
name = "two"
says = """one line""" # """

[[operation.leaf]]
path = 'c'

[operation.extra]
"quoted.key" = 5

[table."dotted.name".below]
last = 6
'''


LINES: list[tuple[list[str | int], int | None]] = [
    ([], None),
    (["absent"], None),
    (["first"], 1),
    (["text"], 2),
    (["raw"], 6),
    (["list"], 7),
    (["list", 2, 0], 7),
    (["inline", "b", 0, "c"], 14),
    (["operation"], 16),
    (["operation", 0, "name"], 17),
    (["operation", 0, "leaf", 0], 19),
    (["operation", 0, "leaf", 1, "path"], 23),
    (["operation", 0, "leaf", 1, "at"], 24),
    (["operation", 0, "leaf", 1, "at", "soap12"], 25),
    (["operation", 0, "leaf", 1, "absent"], 22),
    (["operation", 1], 27),
    (["operation", 1, "says"], 29),
    (["operation", 1, "leaf", 0, "path"], 32),
    (["operation", 1, "extra", "quoted.key"], 35),
    (["table", "dotted.name"], 37),
    (["table", "dotted.name", "below", "last"], 38),
]


@pytest.mark.parametrize("path, line", LINES, ids=[".".join(map(str, path)) or "document" for path, _ in LINES])
def test_line_of_a_value(path: list[str | int], line: int | None) -> None:
    assert line_of(TEXT, path) == line


def test_line_after_a_string_that_ends_in_quotes_and_escapes() -> None:
    text = 'a = """x\n\\""" still inside\ny = 1\n"""\nb = "[" # {\nc = \'\'\'\n]\'\'\'\nd = 1\n'
    assert [line_of(text, [key]) for key in "abcdy"] == [1, 5, 6, 8, None]
