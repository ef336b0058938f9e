"""Questions about dead letters, and sending them again."""

# strawberry gives its field decorators no types:
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Annotated

import strawberry

from api.graphql.context import Ctx, ask
from api.graphql.types.letter import DeadLetter, DeadLetterPage, FieldDrift, Redriven
from api.graphql.types.paging import PageInfo
from graph.errors import RejectedRecord

MAX_AT_ONCE = 1_000
Author = Annotated[str, strawberry.argument(description="Who does it.")]


@strawberry.type
class LettersQuery:
    @strawberry.field(description="What was set aside, first ones first; `source` is the beginning of a source.")
    async def dead_letters(
        self,
        info: Ctx,
        reason: str | None = None,
        source: str | None = None,
        waiting: bool = True,
        first: int = 20,
        after: str | None = None,
    ) -> DeadLetterPage:
        read = info.context.app.letters.letters
        page = await ask(read, reason=reason, source=source, waiting=waiting, after=after, limit=first)
        return DeadLetterPage(nodes=[DeadLetter.of(one) for one in page.items], page_info=PageInfo.of(page.next))

    @strawberry.field(description="One dead letter.")
    async def dead_letter(self, info: Ctx, id: strawberry.ID) -> DeadLetter | None:
        found = await ask(info.context.app.letters.letter, _number(id))
        return None if found is None else DeadLetter.of(found)

    @strawberry.field(description="Fields of messages that their form does not know.")
    async def unknown_fields(self, info: Ctx) -> list[FieldDrift]:
        found = await ask(info.context.app.letters.drift)
        return [
            FieldDrift(
                topic=one.topic,
                field=one.field,
                count=one.count,
                last_source=one.last_source,
                last_offset=one.last_offset,
            )
            for one in found
        ]


@strawberry.type
class LettersMutation:
    @strawberry.mutation(description="Send dead letters again, by id or by filter, with `changes` merged into each.")
    async def redrive_dead_letters(
        self,
        info: Ctx,
        author: Author,
        ids: list[strawberry.ID] | None = None,
        reason: str | None = None,
        source: str | None = None,
        changes: strawberry.scalars.JSON | None = None,
        message: str | None = None,
        why: str = "",
    ) -> list[Redriven]:
        letters = info.context.app.letters
        given: object = {} if changes is None else changes
        if not isinstance(given, dict):
            raise RejectedRecord("bad_changes", field="changes", value=given, cure="give an object of field and value")
        wanted = [_number(one) for one in ids or ()]
        if not wanted:
            if reason is None and source is None:
                raise RejectedRecord("no_letter", field="ids", cure="give ids, a reason or a source")
            wanted = list(await ask(letters.matching, reason=reason, source=source, limit=MAX_AT_ONCE))
        done = await ask(letters.redrive, wanted, changes=given, message=message, author=author, reason=why)
        return [
            Redriven(
                id=strawberry.ID(str(one.letter_id)),
                event_id=None if one.event_id is None else strawberry.ID(one.event_id),
                problem=one.problem,
            )
            for one in done
        ]


def _number(id: strawberry.ID) -> int:
    if not str(id).isdigit() or len(str(id)) > 18:
        raise RejectedRecord("bad_id", field="id", value=str(id), cure="give the number that the list shows")
    return int(id)
