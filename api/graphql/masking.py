"""GraphQL errors as callers see them: ours with code and cure, all others masked and logged."""

from __future__ import annotations

import logging

from graphql import GraphQLError

from api.errors import problem_of
from graph.errors import TarrafaError

log = logging.getLogger("tarrafa.api")


def masked(error: GraphQLError) -> GraphQLError:
    """The error without anything a caller should not see."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return error
    problem = problem_of(cause)
    if not isinstance(cause, TarrafaError):
        log.error("graphql_field_crashed path=%s", error.path, exc_info=cause)
    extensions = {"code": problem.code, "field": problem.field, "cure": problem.cure}
    return GraphQLError(problem.message, nodes=error.nodes, path=error.path, extensions=extensions)
