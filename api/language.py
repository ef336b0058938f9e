"""Which language a caller reads: asked for by `?lang=` or `?language=`, remembered, or preferred by the browser."""

from __future__ import annotations

from starlette.requests import Request

from graph.errors import RejectedRecord
from reports.formats import Language

COOKIE = "lang"


def parse_language(text: str) -> Language:
    """`pt-BR`, `pt`, `en`, `en-US` ... to a language; raise `RejectedRecord` for others."""
    head = text.strip().lower().replace("_", "-").partition("-")[0]
    if head == "pt":
        return Language.PT
    if head == "en":
        return Language.EN
    raise RejectedRecord("unknown_language", field="language", value=text, cure="give pt-BR or en")


def choose_language(request: Request) -> Language:
    """The language asked for, else the one remembered, else the first the browser prefers of those we speak, else
    English."""
    asked = request.query_params.get("lang") or request.query_params.get("language")
    if asked:
        return parse_language(asked)
    remembered = request.cookies.get(COOKIE)
    if remembered in (Language.PT, Language.EN):
        return Language(remembered)
    return preferred(request.headers.get("accept-language", ""))


def preferred(header: str) -> Language:
    """The best of our languages by an Accept-Language header (RFC 9110, 12.5.4)."""
    best, best_weight = Language.EN, 0.0
    for part in header.split(","):
        tag, _, params = part.partition(";")
        try:
            weight = float(params.strip().removeprefix("q=")) if params.strip() else 1.0
            language = parse_language(tag)
        except (ValueError, RejectedRecord):
            continue  # not a weight, or a language we do not speak
        if weight > best_weight:
            best, best_weight = language, weight
    return best
