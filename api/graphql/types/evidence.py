"""One reason with what proves it."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import strawberry

from api.graphql.context import LanguageArgument
from api.graphql.scalars import Json
from graph import evidence as records
from reports.formats import Language
from reports.phrases import phrase


@strawberry.type(description="A node of the graph: its label and id.")
class NodeRef:
    label: str
    id: strawberry.ID

    @classmethod
    def of(cls, pair: tuple[str, str]) -> NodeRef:
        """From a (label, id) pair."""
        return cls(label=pair[0], id=strawberry.ID(pair[1]))


@strawberry.type(description="One reason with what proves it.")
class Evidence:
    record: strawberry.Private[records.Evidence]

    @strawberry.field(description="Stable code of the phrase.")
    def code(self) -> str:
        return self.record.code

    @strawberry.field(description="The reason in words.")
    def text(self, language: LanguageArgument = Language.EN) -> str:
        return phrase(self.record, language)

    @strawberry.field(description="Values that fill the phrase.")
    def params(self) -> strawberry.scalars.JSON:
        values: Json = dict(self.record.params)
        return strawberry.scalars.JSON(values)

    @strawberry.field(description="Events that show it, earliest first; `totalEvents` says how many there were.")
    def event_ids(self) -> list[strawberry.ID]:
        return [strawberry.ID(event_id) for event_id in self.record.event_ids]

    @strawberry.field(description="How many events show it.")
    def total_events(self) -> int:
        return self.record.total_events

    @strawberry.field(description="What it is about.")
    def nodes(self) -> list[NodeRef]:
        return [NodeRef.of(pair) for pair in self.record.nodes]


def evidence_list(items: tuple[records.Evidence, ...]) -> list[Evidence]:
    """Records as GraphQL objects."""
    return [Evidence(record=item) for item in items]
