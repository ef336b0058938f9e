"""The application: REST, GraphQL, pages and tools over one context, behind one gate."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from api import assets, errors
from api.context import AppContext
from api.graphql import schema
from api.pages import routes as page_routes
from api.pages import tools
from api.pages.render import Pages
from api.rest import examples, exports, governed, jobs, letters, lists, models, reading, rings, rules, scoring
from api.rest.examples import BET_PATH, PAYMENT_PATH, ROWS_PATH
from api.security import BodyLimit, Gate, SecurityHeaders
from api.settings import ApiSettings, check_bind
from api.tracing import Tracing
from api.watching import Timing


def create_app(context: AppContext, settings: ApiSettings) -> FastAPI:
    """The ASGI application. Raises `ConfigurationError` for settings that would leave it open to anyone."""
    check_bind(settings)
    app = FastAPI(
        title="Tarrafa",
        version=_version(),
        description="Scores payments and bets, finds fraud rings, shows the evidence.",
        docs_url=None,
        redoc_url=None,
    )
    pages = Pages()
    errors.install(app, pages)  # first: innermost, so that the others see its answers
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Gate, settings=settings)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Tracing)
    scored = (BET_PATH, ROWS_PATH, PAYMENT_PATH)
    app.add_middleware(Timing, watching=context.watching, routes=scored)  # last: outermost, times all the others too
    assets.mount(app)
    app.include_router(scoring.routes(context, settings))
    examples.describe(app)
    app.include_router(reading.routes(context))
    app.include_router(lists.routes(context))
    app.include_router(rules.routes(context))
    app.include_router(models.routes(context))
    app.include_router(governed.routes(context))
    app.include_router(rings.routes(context))
    app.include_router(letters.routes(context))
    app.include_router(jobs.routes(context))
    app.include_router(exports.routes(context))
    app.include_router(schema.routes(context, settings), include_in_schema=False)
    app.include_router(tools.routes(pages))
    app.include_router(page_routes.routes(context, pages))
    return app


def _version() -> str:
    try:
        return version("tarrafa")
    except PackageNotFoundError:
        return "0"  # run from a checkout that was never installed
