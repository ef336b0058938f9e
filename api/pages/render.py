"""Templates to pages: words, money and times in the reader's language; everything else escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.language import COOKIE, choose_language
from api.pages.words import word
from reports import formats
from reports.formats import Language
from reports.phrases import phrase
from reports.words_names import name

_FOLDER = Path(__file__).parent / "templates"
_YEAR_SECONDS = 365 * 86_400
SHOWN_ID = 34


def make_environment() -> Environment:
    """The templates, strict about names and escaping everything."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = short
    environment.filters["first_up"] = first_up
    environment.filters["part"] = url_part
    return environment


def short(text: str) -> str:
    """An id cut in its middle, so that both ends can be told apart."""
    if len(text) <= SHOWN_ID:
        return text
    return f"{text[: SHOWN_ID - 9]}…{text[-8:]}"


def first_up(text: str) -> str:
    """A name as the beginning of a line."""
    return text[:1].upper() + text[1:]


def url_part(text: str) -> str:
    """An id as one part of an address, nothing of it taken for syntax."""
    return quote(text, safe="")


class Pages:
    """Renders a template for a request."""

    def __init__(self) -> None:
        self.environment = make_environment()

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page, in the language of the request; a language asked for in the address is remembered."""
        language = choose_language(request)
        text = self.environment.get_template(template).render(**language_tools(language, request), **values)
        response = HTMLResponse(text, status_code=status, headers={"content-language": language})
        if "lang" in request.query_params:
            response.set_cookie(COOKIE, language, max_age=_YEAR_SECONDS, httponly=True, samesite="lax")
        return response


def language_tools(language: Language, request: Request) -> Mapping[str, Any]:
    """What templates use to say things in `language`."""
    return {
        "lang": str(language),
        "switch_url": _switched(request, Language.EN if language is Language.PT else Language.PT),
        "t": partial(word, language=language),
        "n": partial(name, language=language),
        "money": partial(formats.money, language=language),
        "whole": partial(formats.whole, language=language),
        "number": partial(formats.decimal, language=language),
        "points": partial(signed, language=language),
        "when": partial(formats.local_time, language=language),
        "minute": partial(formats.local_minute, language=language),
        "percent": partial(formats.percent, language=language),
        "say": partial(phrase, language=language),
    }


def signed(points: float, language: Language) -> str:
    """Points with their sign."""
    return f"{'+' if points > 0 else ''}{formats.decimal(points, language, places=2)}"


def _switched(request: Request, other: Language) -> str:
    """The same address in the other language."""
    params = {key: value for key, value in request.query_params.items() if key not in ("lang", "language")}
    return f"{quote(request.url.path)}?{urlencode({**params, 'lang': str(other)})}"
