"""Counts the lines of code of the package: without blank lines, comments and docstrings.

Usage: python tests/count_lines.py [FOLDER]   prints each room's lines and their sum
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "newsroom_cli"
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def code_lines(source: str) -> int:
    """How many lines of a module hold code: a text that stands alone as a statement is documentation, not code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {
        number for token in tokens if token.type not in _NO_CODE for number in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - _documentation(source))


def _documentation(source: str) -> set[int]:
    """The lines of docstrings of modules, classes and functions, and of the texts that explain a constant above."""
    texts = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
    return {number for node in texts for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def count_rooms(package: Path) -> Counter[str]:
    """The lines of code below a package, by the folder or the module right below it."""
    rooms: Counter[str] = Counter()
    for path in package.rglob("*.py"):
        rooms[path.relative_to(package).parts[0].removesuffix(".py")] += code_lines(path.read_text("utf-8"))
    return rooms


def main() -> None:
    """Print the lines of each room, the largest first, and of all."""
    rooms = count_rooms(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)
    for room, lines in sorted(rooms.items(), key=lambda row: (-row[1], row[0])):
        print(f"{lines:6}  {room}")
    print(f"{rooms.total():6}  in all")


if __name__ == "__main__":
    main()
