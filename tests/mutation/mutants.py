"""Single faults that could be put into a module: where, what stands there, and what would stand there instead.

A mutant is a span of the source and its replacement, so that everything around it stays byte for byte as it was.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple


class Mutant(NamedTuple):
    """One fault: the bytes from `start` to `end` of a file become `text`.

    `first` and `last` are the lines of the span, `scope` those of the function around it, `within` its name.
    """

    path: str
    start: int
    end: int
    text: str
    first: int
    last: int
    scope: tuple[int, int]
    operator: str
    within: str

    def apply_to(self, source: bytes) -> bytes:
        """The module with the fault in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def lines_in(self, source: bytes) -> tuple[str, str]:
        """The whole lines it changes, before and after, without the blanks around them."""
        begin = source.rfind(b"\n", 0, self.start) + 1
        end = source.find(b"\n", self.end)
        rest = source[self.end : end if end >= 0 else len(source)]
        after = source[begin : self.start] + self.text.encode() + rest
        return source[begin : self.end].decode() + rest.decode(), after.decode()


COMPARISONS = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: (r"not\s+in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: (r"is\s+not", "is"),
}
ARITHMETIC = {ast.Add: (r"\+", "-"), ast.Sub: ("-", "+"), ast.BitAnd: ("&", "|"), ast.BitOr: (r"\|", "&")}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "reversed": "iter"}
METHODS = {"startswith": "endswith", "endswith": "startswith"}
_SIZES = ("lru_cache", "lazily")
"""Functions whose numbers are sizes of memories: other numbers give the same answers."""


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Every mutant of a module, in the order of the source; a few do not compile (`compiles`)."""
    made = _Mutations(path, source)
    made.visit(ast.parse(source))
    return sorted({(one.start, one.end, one.text): one for one in made.mutants}.values())


def compiles(source: bytes) -> bool:
    """Whether a module is Python still."""
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


class _Mutations(ast.NodeVisitor):
    """Goes through a module and notes what could be wrong; annotations, decorators and words are left alone."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source, self.mutants = path, source, list[Mutant]()
        self.offsets = [0]
        for line in source.splitlines(keepends=True):
            self.offsets.append(self.offsets[-1] + len(line))
        self.scope = (1, len(self.offsets))
        self.names, self.ends = list[str](), set[int]()

    # places

    def _begin(self, node: ast.AST) -> int:
        return self.offsets[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.AST) -> int:
        return self.offsets[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.AST) -> str:
        return self.source[self._begin(node) : self._end(node)].decode()

    def _note(self, operator: str, start: int, end: int, text: str) -> None:
        first = self.source.count(b"\n", 0, start) + 1
        last = first + self.source.count(b"\n", start, end)
        self.mutants.append(
            Mutant(self.path, start, end, text, first, last, self.scope, operator, ".".join(self.names))
        )

    def _replace(self, operator: str, node: ast.AST, text: str) -> None:
        self._note(operator, self._begin(node), self._end(node), text)

    def _swap_between(self, operator: str, left: ast.AST, right: ast.AST, swap: tuple[str, str]) -> None:
        """Swap the sign between two operands; brackets and comments around it stay."""
        pattern, text = swap
        start = self._end(left)
        between = self.source[start : self._begin(right)].decode()
        sign = re.search(rf"(?<![\w<>=!]){pattern}(?![\w<>=])", between)
        if sign is not None:
            begin = start + len(between[: sign.start()].encode())
            self._note(operator, begin, begin + len(sign[0].encode()), text)

    # what is left alone

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        around, self.scope = self.scope, (node.lineno, node.end_lineno or node.lineno)
        self.names.append(node.name)
        self.ends.add(id(node.body[-1]))
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for statement in node.body:
            self.visit(statement)
        self.scope = around
        self.names.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self.names.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Words for people; before Python 3.12 the places inside are not known either."""

    # conditions

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = (node.left, *node.comparators)
        for left, sign, right in zip(operands, node.ops, operands[1:], strict=False):
            self._swap_between("comparison", left, right, COMPARISONS[type(sign)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        swap = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._swap_between("and/or", left, right, swap)
        for dropped in range(len(node.values)):
            kept = [f"({self._text(value)})" for at, value in enumerate(node.values) if at != dropped]
            self._replace("operand dropped", node, f"({f' {swap[0]} '.join(kept)})")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace("not dropped", node, f"({self._text(node.operand)})")
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        """Turn a condition round, where no other operator does just that."""
        is_swapped = isinstance(test, ast.Compare) and len(test.ops) == 1
        if not is_swapped and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
            self._replace("negated", test, f"(not ({self._text(test)}))")

    def visit_If(self, node: ast.If) -> None:
        if self._text(node.test) != "TYPE_CHECKING":
            self._negate(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negate(test)
            self._replace("filter dropped", test, "True")
        self.generic_visit(node)

    # values

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if swap := ARITHMETIC.get(type(node.op)):
            self._swap_between("arithmetic", node.left, node.right, swap)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._replace("constant", node, str(not node.value))
        elif isinstance(node.value, int):
            self._replace("constant", node, str(node.value + 1))
            if node.value > 0:
                self._replace("constant", node, str(node.value - 1))

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name in CALLS:
            self._replace("other call", node.func, CALLS[name])
        if method in METHODS:
            start = self._end(node.func) - len(method)
            self._note("other call", start, self._end(node.func), METHODS[method])
        if method == "get" and len(node.args) == 2:
            self._note("default dropped", self._end(node.args[0]), self._end(node.args[1]), "")
        if name not in _SIZES:
            self.generic_visit(node)

    # statements

    def _drop(self, operator: str, node: ast.stmt, text: str = "pass") -> None:
        self._replace(operator, node, text)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant):
            return  # a docstring
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            self._drop("yield dropped", node, "yield from ()")
        else:
            self._drop("call dropped", node)
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._drop("raise dropped", node)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if id(node) not in self.ends:
            self._drop("return dropped", node)
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._drop("continue dropped", node)

    def visit_Break(self, node: ast.Break) -> None:
        self._drop("break dropped", node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._drop("assignment dropped", node)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return
        if any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self._drop("assignment dropped", node)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._drop("call dropped", node)


def spans_of(mutant: Mutant) -> Iterator[tuple[int, int]]:
    """The lines that tests have to pass to meet a mutant, nearest first."""
    yield mutant.first, mutant.last
    yield mutant.scope
