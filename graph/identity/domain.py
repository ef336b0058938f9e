"""Domain names in one form, with the part one can register and a skeleton that look-alikes share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import idna

from graph.errors import RejectedRecord

if TYPE_CHECKING:
    from tldextract import TLDExtract

_ASCII_NAME = re.compile(
    r"(?=.{3,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_PORT = re.compile(r":\d{1,5}\Z")
_MAX_NAME = 253
#: Latin letters and digits that are read as each other, after the confusables of Unicode were folded to ASCII.
_ASCII_TWINS = str.maketrans({"0": "o", "1": "l", "i": "l"})
_TWIN_PAIRS = (("rn", "m"), ("vv", "w"))


@dataclass(frozen=True, slots=True)
class Domain:
    """A host name as A-labels, the part of it that someone registered, and the skeleton of its look."""

    name: str
    registrable: str
    skeleton: str


def canonical_domain(text: str) -> Domain:
    """Return the domain of a host name or URL.

    `registrable` is the public suffix and one label, by the public suffix list bundled with tldextract (the network
    is never asked); a bare suffix is its own. Two names with one `skeleton` look alike to a person. Raises
    `RejectedRecord` as `canonical_domain_name` does.
    """
    name = canonical_domain_name(text)
    parts = _suffixes()(name)
    registrable = f"{parts.domain}.{parts.suffix}" if parts.domain and parts.suffix else name
    return Domain(name, registrable, skeleton_of(name))


def is_public_suffix(name: str) -> bool:
    """Whether everybody may register below `name` (a canonical name), such as `bet.br`: it is nobody's own site."""
    parts = _suffixes()(name)
    return not parts.domain and parts.suffix == name


def canonical_domain_name(text: str) -> str:
    """Return the host name of a name or URL: lower case, A-labels, without trailing dot, port, path or user.

    Raises `RejectedRecord` for addresses, single labels and what IDNA 2008 (with UTS 46 mapping) does not allow.
    """
    if _ASCII_NAME.fullmatch(text) and "xn--" not in text:  # nearly all of a list of a million
        return text
    host = _host(unicodedata.normalize("NFKC", text).strip()).lower().rstrip(".")
    if _ASCII_NAME.fullmatch(host) and "xn--" not in host:
        return host
    try:
        name = idna.encode(host, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise _rejected(text, "give a host name such as site.bet.br") from error
    if len(name) > _MAX_NAME or not _ASCII_NAME.fullmatch(name):
        raise _rejected(text, "give a host name with a top-level domain; addresses belong in ip")
    return name


def skeleton_of(name: str) -> str:
    """Return the name as a hurried reader sees it: confusable letters of all scripts, accents and digits folded.

    Follows the skeleton of UTS 39, with the prototypes brought to ASCII, plus 0/o, 1/i/l, rn/m and vv/w.
    """
    ascii_like = name if name.isascii() and "xn--" not in name else _ascii_like(name)
    folded = ascii_like.lower().translate(_ASCII_TWINS)
    for pair, single in _TWIN_PAIRS:
        folded = folded.replace(pair, single)
    return folded


def _ascii_like(name: str) -> str:
    try:
        shown = idna.decode(name)
    except (idna.IDNAError, UnicodeError):
        shown = name  # an underscore, or labels older than IDNA 2008: what is written is what is seen
    prototypes = _prototypes()
    plain = "".join(prototypes.get(char, char) for char in shown.lower())
    decomposed = unicodedata.normalize("NFD", plain)
    return "".join(prototypes.get(char, char) for char in decomposed if not unicodedata.combining(char))


def _host(text: str) -> str:
    if "://" in text or text.startswith("//"):
        try:
            return urlsplit(text).hostname or ""
        except ValueError as error:
            raise _rejected(text, "give a whole URL or only its host name") from error
    return _PORT.sub("", re.split(r"[/?#]", text, maxsplit=1)[0])


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    # imported late: tldextract loads an HTTP client (0.2 s) that is never used here
    from tldextract import TLDExtract

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@lru_cache(maxsize=1)
def _prototypes() -> dict[str, str]:
    """Non-ASCII character -> what stands for everything that looks like it, in lower case.

    That is an ASCII letter or digit where Unicode's table knows one, else the first of the look-alikes.
    """
    # imported late: reads 1 MB of JSON
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for char, lookalikes in confusables_data.items():
        if len(char) != 1 or char.isascii():
            continue
        shapes = sorted({char, *(like["c"] for like in lookalikes)} - {""})
        plain = [shape for shape in shapes if shape.isascii() and shape.isalnum()]
        alone = [shape for shape in shapes if len(shape) == 1 and shape.isalpha() and shape.lower() == shape]
        if plain or alone:
            table[char] = (plain or alone)[0].lower()
    return {char: table.get(shape, shape) for char, shape in table.items()}


def _rejected(text: str, cure: str) -> RejectedRecord:
    return RejectedRecord("bad_domain", field="domain", value=text, cure=cure)
