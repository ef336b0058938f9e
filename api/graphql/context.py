"""What a GraphQL resolver has at hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry
from anyio.to_thread import run_sync
from strawberry.fastapi import BaseContext
from strawberry.types import Info

from api.context import AppContext
from api.graphql.loaders import Loaders, make_loaders
from reports import formats

T = TypeVar("T")


class GraphContext(BaseContext):
    """One request's context: what the service offers, and loaders that live as long as the request."""

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app = app
        self.loaders: Loaders = make_loaders(app)


Ctx: TypeAlias = Info[GraphContext, None]

Language = strawberry.enum(formats.Language, name="Language", description="Language of the words in an answer.")
LanguageArgument = Annotated[formats.Language, strawberry.argument(description="Language of the words.")]


async def ask(question: Callable[..., T], *args: Any, **params: Any) -> T:
    """Ask something that may block, without holding up other requests."""
    return await run_sync(partial(question, *args, **params))
