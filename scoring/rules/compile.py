"""Checks the types of an expression and compiles it; whatever is not on the white list is refused with its place."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any, Final

import numpy as np

from scoring.rules.expression import (
    Expression,
    Number,
    Text,
    Truth,
    Typed,
    among,
    both,
    calculated,
    coalesced,
    compared,
    either,
    known,
    literal,
    opposite,
    stated,
)
from scoring.rules.fields import UNITS, Field, FieldType, fields
from scoring.rules.parse import Text as Written
from scoring.rules.refusal import ExpressionError

MAX_DEPTH: Final = 40
MAX_NUMBER: Final = 1e15

#: name -> (least and most numbers it takes, what it gives)
FUNCTIONS: Final[dict[str, tuple[int, int, str]]] = {
    "abs": (1, 1, "distance from zero"),
    "min": (2, 9, "the least"),
    "max": (2, 9, "the greatest"),
    "between": (3, 3, "whether the first lies between the others, both included"),
    "coalesce": (2, 2, "the first where it is known, else the second"),
    "known": (1, 1, "whether it is known"),
    "minutes": (1, 1, "minutes as seconds"),
    "hours": (1, 1, "hours as seconds"),
    "days": (1, 1, "days as seconds"),
    "money": (1, 1, "units of money as cents"),
}
_SCALES = {"minutes": (60.0, "s"), "hours": (3_600.0, "s"), "days": (86_400.0, "s"), "money": (100.0, "cents")}
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_ARITHMETIC: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_KINDS = {Number: "a number", Text: "a text", Truth: "a truth"}


def compile_rule(text: str) -> Expression:
    """Return the checked expression of `text`; raise `ExpressionError` with line, column and what to write instead."""
    compiler = _Compiler(Written(text))
    statement = compiler.statement(compiler.written.tree(), 0)
    if not compiler.read:
        raise compiler.written.error("this reads nothing of the movement", 0, cure="name at least one field")
    return Expression(text, tuple(dict.fromkeys(compiler.read)), statement)


class _Compiler:
    """One pass over the tree of one expression."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.read: list[str] = []

    def statement(self, node: ast.expr, depth: int) -> Truth:
        found = self.typed(node, depth)
        if isinstance(found, Truth):
            return found
        raise self._wrong(
            node, f"this is {_KINDS[type(found)]}, not something true or false", "compare it, as in x > 5"
        )

    def number(self, node: ast.expr, depth: int) -> Number:
        found = self.typed(node, depth)
        if isinstance(found, Number):
            return found
        raise self._wrong(node, f"this is {_KINDS[type(found)]}, a number is needed", "use a number here")

    def typed(self, node: ast.expr, depth: int) -> Typed:
        """What `node` is."""
        if depth > MAX_DEPTH:
            raise self._wrong(node, "the expression is nested too deeply", f"keep to {MAX_DEPTH} levels, or split it")
        if isinstance(node, ast.BoolOp):
            parts = [self.statement(value, depth + 1) for value in node.values]
            return both(parts) if isinstance(node.op, ast.And) else either(parts)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth + 1)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, depth + 1)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, depth + 1)
        if isinstance(node, ast.Call):
            return self._call(node, depth + 1)
        if isinstance(node, ast.Name):
            return self._field(node)
        if isinstance(node, ast.Constant):
            return self._constant(node)
        raise self._wrong(
            node, "this is not part of the language", f"use comparisons, arithmetic, {', '.join(FUNCTIONS)}"
        )

    def _unary(self, node: ast.UnaryOp, depth: int) -> Typed:
        if isinstance(node.op, ast.Not):
            return opposite(self.statement(node.operand, depth))
        part = self.number(node.operand, depth)
        if isinstance(node.op, ast.USub):
            return (
                calculated(np.negative, part.unit, part) if part.literal is None else literal(-part.literal, part.unit)
            )
        if isinstance(node.op, ast.UAdd):
            return part
        raise self._wrong(node, "~ is not part of the language", "write not")

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Number:
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise self._wrong(node, "this operator is not part of the language", "use + - * / and, or, not")
        left, right = self.number(node.left, depth), self.number(node.right, depth)
        if isinstance(node.op, ast.Mult):
            unit = _product(left.unit, right.unit)
        elif isinstance(node.op, ast.Div):
            unit = _quotient(left.unit, right.unit)
        else:
            unit = self._one_unit(node, (left, right))
        return calculated(operation, unit, left, right)

    def _comparison(self, node: ast.Compare, depth: int) -> Truth:
        parts: list[Truth] = []
        left = node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.In | ast.NotIn):
                found = self._membership(left, right, depth)
                parts.append(opposite(found) if isinstance(sign, ast.NotIn) else found)
            elif type(sign) in _SIGNS:
                parts.append(self._compared(node, _SIGNS[type(sign)], left, right, depth))
            else:
                raise self._wrong(node, "`is` is not part of the language", "write == or !=")
            left = right
        return both(parts)

    def _compared(self, node: ast.expr, sign: str, left: ast.expr, right: ast.expr, depth: int) -> Truth:
        a, b = self.typed(left, depth), self.typed(right, depth)
        if isinstance(a, Number) and isinstance(b, Number):
            self._one_unit(node, (a, b))
            return compared(sign, a, b)
        if isinstance(a, Text) and isinstance(b, Text):
            field, wanted, place = (a, b, right) if a.literal is None else (b, a, left)
            if sign not in ("==", "!=") or wanted.literal is None or field.literal is not None:
                raise self._wrong(node, "a text field is compared with a text", 'as in kind == "transfer", or with in')
            found = among(field.name, frozenset((self._value(place, field, wanted),)))
            return found if sign == "==" else opposite(found)
        if isinstance(a, Truth) or isinstance(b, Truth):
            raise self._wrong(node, "a truth is not compared", "name it alone, or with not before it")
        raise self._wrong(
            node,
            f"{_KINDS[type(a)]} is compared with {_KINDS[type(b)]}",
            "compare numbers with numbers, texts with texts",
        )

    def _membership(self, left: ast.expr, right: ast.expr, depth: int) -> Truth:
        found = self.typed(left, depth)
        if not isinstance(right, ast.Set | ast.List | ast.Tuple) or not right.elts:
            raise self._wrong(right, "in needs a list of values", 'write as in {"pix", "ted"}')
        items = [(node, self.typed(node, depth)) for node in right.elts]
        if isinstance(found, Text) and found.literal is None:
            return among(found.name, frozenset(self._value(node, found, item) for node, item in items))
        if isinstance(found, Number):
            return either([self._equals(node, found, item) for node, item in items])
        raise self._wrong(left, "only a number or a text field can be in a list", "put a field before in")

    def _equals(self, node: ast.expr, number: Number, item: Typed) -> Truth:
        if not isinstance(item, Number) or item.literal is None:
            raise self._wrong(node, "a number that is written out is needed", "list numbers, as in {1, 2}")
        self._one_unit(node, (number, item))
        return compared("==", number, item)

    def _value(self, node: ast.expr, field: Text, item: Typed) -> str:
        if not isinstance(item, Text) or item.literal is None:
            raise self._wrong(node, f"{field.name} is a text", 'write texts in quotes, as in "transfer"')
        if field.values and item.literal not in field.values:
            raise self._wrong(node, f'{field.name} is never "{item.literal}"', _nearest(item.literal, field.values))
        return item.literal

    def _call(self, node: ast.Call, depth: int) -> Typed:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            raise self._wrong(node, f"there is no function {name}".rstrip(), _nearest(name, FUNCTIONS))
        least, most, _ = FUNCTIONS[name]
        if node.keywords or not least <= len(node.args) <= most:
            many = f"{least}" if least == most else f"{least} to {most}"
            raise self._wrong(node, f"{name} takes {many} numbers", "separate them with commas")
        parts = [self.number(argument, depth) for argument in node.args]
        if name in _SCALES:
            return self._scaled(node, name, parts[0])
        if name == "known":
            return known(parts[0])
        unit = self._one_unit(node, parts)
        if name == "coalesce":
            return coalesced(unit, *parts)
        if name == "between":
            return both([compared(">=", parts[0], parts[1]), compared("<=", parts[0], parts[2])])
        if name == "abs":
            return calculated(np.abs, unit, *parts)
        return calculated(partial(_folded, np.minimum if name == "min" else np.maximum), unit, *parts)

    def _scaled(self, node: ast.Call, name: str, part: Number) -> Number:
        factor, unit = _SCALES[name]
        if part.unit not in ("", name):
            raise self._wrong(node, f"{name} takes a plain number, this is in {part.unit}", f"write as {name}(3)")
        if part.literal is not None:
            return literal(part.literal * factor, unit)
        return calculated(partial(np.multiply, factor), unit, part)

    def _field(self, node: ast.Name) -> Typed:
        field = fields().get(node.id)
        if field is None:
            raise self._wrong(node, f"there is no field {node.id}", _nearest(node.id, fields()))
        self.read.append(field.name)
        return _of_field(field)

    def _constant(self, node: ast.Constant) -> Typed:
        value = node.value
        if isinstance(value, str):
            return Text(literal=value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(node, f"{value!r:.20} is not part of the language", "write a number or a text")
        if not abs(value) <= MAX_NUMBER:
            raise self._wrong(node, "this number is too large", f"keep to {MAX_NUMBER:g}")
        return literal(float(value))

    def _one_unit(self, node: ast.expr, parts: Sequence[Number]) -> str:
        units = sorted({part.unit for part in parts} - {""})
        if len(units) > 1:
            cure = "convert one, with minutes(), hours(), days() or money() around a plain number"
            raise self._wrong(node, f"{' and '.join(units)} do not go together", cure)
        return units[0] if units else ""

    def _wrong(self, node: ast.AST, problem: str, cure: str) -> ExpressionError:
        return self.written.error_at(node, problem, cure=cure)


def _of_field(field: Field) -> Typed:
    name = field.name
    if field.type is FieldType.TEXT:
        return Text(name, field.values)
    if field.type is FieldType.TRUTH:
        return stated(name)
    return Number(field.unit if field.unit in UNITS else "", lambda batch: batch.number(name))


def _folded(operation: Callable[..., Any], *columns: Any) -> Any:
    return reduce(operation, columns)


def _product(left: str, right: str) -> str:
    """A count of something is in the unit of that thing."""
    units = [unit for unit in (left, right) if unit not in ("", "count")]
    return "*".join(sorted(units)) if units else left or right


def _quotient(left: str, right: str) -> str:
    if left == right:
        return ""
    return left if right in ("", "count") else f"{left or 1}/{right}"


def _nearest(name: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    found = found or difflib.get_close_matches(name, list(names), n=1, cutoff=0.0)
    return f"did you mean {' or '.join(found)}?"
