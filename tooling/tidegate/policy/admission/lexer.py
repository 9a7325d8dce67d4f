"""CEL text → its words, as far as needed to tell names from strings and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = re.compile(
    r"""
      (?P<blank>[\ \t\r\n\f]+ | //[^\n]*)
    | (?P<text>
          [rR][bB]?(?:\"{3}.*?\"{3} | '{3}.*?'{3} | "[^"\n]*" | '[^'\n]*')
        | [bB][rR](?:\"{3}.*?\"{3} | '{3}.*?'{3} | "[^"\n]*" | '[^'\n]*')
        | [bB]?(?:\"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
                 | "(?:\\.|[^\\"\n])*" | '(?:\\.|[^\\'\n])*'))
    | (?P<number>0[xX][0-9a-fA-F]+[uU]? | [0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[uU]?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Word(NamedTuple):
    """A word's kind (text, number, name or sign), itself, and where it begins."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next character is."""
        return self.start + len(self.text)


def words(expression: str) -> Iterator[Word]:
    """Every word but blanks and comments. What isn't CEL comes as single signs."""
    for match in _WORDS.finditer(expression):
        if match.lastgroup and match.lastgroup != "blank":
            yield Word(match.lastgroup, match[0], match.start())


def names(found: list[Word]) -> Iterator[int]:
    """The positions of names that stand for themselves, and are no field of something."""
    for index, word in enumerate(found):
        before = found[index - 1].text if index else ""
        if before == "?" and index > 1 and found[index - 2].text == ".":
            before = "."
        if word.kind == "name" and before != ".":
            yield index


def methods(found: list[Word]) -> Iterator[Word]:
    """The names of functions that are called on something."""
    for before, word, after in zip(found, found[1:], found[2:], strict=False):
        if before.text == "." and word.kind == "name" and after.text == "(":
            yield word


def chain(found: list[Word], index: int) -> list[Word]:
    """The fields that are asked of the name at a position: for `a.b.?c[0]` those called b and c."""
    fields: list[Word] = []
    index += 1
    while index + 1 < len(found) and found[index].text == ".":
        index += 2 if found[index + 1].text == "?" else 1
        if index >= len(found) or found[index].kind != "name":
            break
        if index + 1 < len(found) and found[index + 1].text == "(":
            break
        fields.append(found[index])
        index += 1
    return fields
