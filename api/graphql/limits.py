"""What a GraphQL document may ask for, decided before anything is executed.

One walk over the parsed document, each fragment measured once (so that a fragment bomb costs no more than its text),
gives depth, number of aliases and cost. The cost of a field is its own price (1, or `FIELD_PRICES`) times how often
its parents may occur: a list occurs `first` times where the caller says so, else as often as its default says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.extensions import SchemaExtension

from api.settings import ApiSettings

#: Lists without a `first` argument are taken to be this long.
ASSUMED_LENGTH = 10
MAX_FIRST = 200
PAGE_ITEMS = "nodes"
#: Fields that ask a store or run something, by what they take compared with a plain field.
FIELD_PRICES: Mapping[str, int] = {
    "Query.path": 500,
    "Query.transactionsByDecision": 5,
    "Mutation.runJob": 2_000,
    "Account.means": 5,
    "Account.counterparties": 5,
    "Account.transactions": 5,
    "Account.flaggedBy": 5,
    "Account.totals": 2,
    "Operator.footprint": 5,
    "Ring.transactions": 50,
}
#: Answers about the schema itself are bounded by the schema.
FREE_FIELDS = frozenset({"__typename", "__schema", "__type"})
UNBOUNDED = 1 << 60


@dataclass(frozen=True, slots=True)
class Size:
    """Measure of a selection: levels below it, aliased fields, and cost."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0

    def beside(self, other: Size) -> Size:
        """Both selections in one."""
        return Size(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, UNBOUNDED),
            min(self.cost + other.cost, UNBOUNDED),
        )


class QueryLimits(SchemaExtension):
    """Refuse documents over the limits of the settings, with the measure and the limit in the message."""

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = self.settings.graphql_tokens
        yield
        errors = context.pre_execution_errors
        if errors and all(error.path is None for error in errors):  # nothing was executed: not a 200
            context.context.response.status_code = 400

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is not None and context.pre_execution_errors is None:
            schema: GraphQLSchema = context.schema._schema  # strawberry offers no public way to it
            problems = check(
                document, schema, self.settings, operation=context.operation_name, variables=context.variables or {}
            )
            if problems:
                context.pre_execution_errors = problems
        yield


def check(
    document: DocumentNode,
    schema: GraphQLSchema,
    settings: ApiSettings,
    *,
    operation: str | None,
    variables: Mapping[str, Any],
) -> list[GraphQLError]:
    """What is over the limits; empty when nothing is. Of several operations, the one that will run counts."""
    walk = _Walk(document, schema, variables)
    total = Size()
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        if operation is None or (definition.name is not None and definition.name.value == operation):
            root = schema.get_root_type(definition.operation)
            total = total.beside(walk.selection(definition.selection_set, root))
    problems = list(walk.problems)
    for name, found, limit, cure in (
        ("depth", total.depth, settings.graphql_depth, "nest less"),
        ("alias count", total.aliases, settings.graphql_aliases, "ask in several calls"),
        ("cost", total.cost, settings.graphql_cost, "ask for fewer items with first, or for fewer fields"),
    ):
        if found > limit:
            problems.append(_refusal(name, found, limit, cure))
    return problems


def _refusal(name: str, found: int, limit: int, cure: str) -> GraphQLError:
    code = f"{name.replace(' ', '_')}_limit"
    shown = "" if found >= UNBOUNDED else f" of {found}"
    return GraphQLError(
        f"the query's {name}{shown} is over the limit of {limit}; {cure}",
        extensions={"code": code, "limit": limit, "cure": cure},
    )


class _Walk:
    """One pass over a document; fragments are measured once and remembered."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.measured: dict[str, Size] = {}
        self.problems: list[GraphQLError] = []

    def selection(self, selection_set: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Size:
        """Measure of what stands between two braces, on a parent of this type (None: unknown, validation says so)."""
        total = Size()
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                total = total.beside(self._field(node, parent))
            elif isinstance(node, InlineFragmentNode):
                on = node.type_condition
                inner = self.schema.get_type(on.name.value) if on else parent
                total = total.beside(self.selection(node.selection_set, inner))
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(self._fragment(node.name.value))
        return total

    def _fragment(self, name: str) -> Size:
        if name not in self.measured:
            self.measured[name] = Size()  # stands while it is measured: a cycle ends here, validation refuses it
            definition = self.fragments.get(name)
            if definition is not None:
                on = self.schema.get_type(definition.type_condition.name.value)
                self.measured[name] = self.selection(definition.selection_set, on)
        return self.measured[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Size:
        name = node.name.value
        alias = 1 if node.alias is not None else 0
        if name in FREE_FIELDS:
            return Size(0 if name == "__typename" else 1, alias, 0 if name == "__typename" else 1)
        fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
        field = fields.get(name)
        inner = self.selection(node.selection_set, get_named_type(field.type) if field else None)
        length = self._length(node, field) if field else 1
        price = FIELD_PRICES.get(f"{parent.name}.{name}", 1) if parent else 1
        return Size(inner.depth + 1, inner.aliases + alias, min(price + length * inner.cost, UNBOUNDED))

    def _length(self, node: FieldNode, field: GraphQLField) -> int:
        """How many items the field may give; a page object counts as the list in it."""
        argument = field.args.get("first")
        if argument is None and node.name.value == PAGE_ITEMS:
            return 1  # the page around it was counted
        if argument is None:
            kind = field.type.of_type if is_non_null_type(field.type) else field.type
            return ASSUMED_LENGTH if is_list_type(kind) else 1
        given: object = argument.default_value
        for item in node.arguments or ():
            if item.name.value == "first":
                if isinstance(item.value, IntValueNode):
                    given = int(item.value.value)
                elif isinstance(item.value, VariableNode):
                    given = self.variables.get(item.value.name.value, argument.default_value)
        if not isinstance(given, int) or not 1 <= given <= MAX_FIRST:
            cure = f"give 1 to {MAX_FIRST} and continue with after where there is more"
            self.problems.append(
                GraphQLError(
                    f"{node.name.value}(first: {given}): {cure}",
                    nodes=[node],
                    extensions={"code": "bad_first", "limit": MAX_FIRST, "cure": cure},
                )
            )
            return 1
        return given
