"""Words for signals of what people govern, lists and typologies: code -> (Portuguese, English)."""

from __future__ import annotations

_LISTED = (
    "[: {what:code}][ {entry}][, por semelhança com {alike}][; motivo: {reason}][; incluído por {author}]"
    "[ em {since:date}][; válido até {expires:date}][; {count#registro/registros}].",
    "[: {what:code}][ {entry}][, by its likeness to {alike}][; reason: {reason}][; added by {author}]"
    "[ on {since:date}][; valid until {expires:date}][; {count#entry/entries}].",
)

GOVERNED_WORDS: dict[str, tuple[str, str]] = {
    "block_list": ("Consta da lista de bloqueio" + _LISTED[0], "It is on the block list" + _LISTED[1]),
    "watch_list": ("Consta da lista de observação" + _LISTED[0], "It is on the watch list" + _LISTED[1]),
    "allow_list": ("Consta da lista de liberação" + _LISTED[0], "It is on the allow list" + _LISTED[1]),
    "rule": (
        "Cumpre uma regra[ {id}][, versão {version:n}][: {meaning}][ ({facts})].",
        "It meets a rule[ {id}][, version {version:n}][: {meaning}][ ({facts})].",
    ),
    "typology": (
        "Corresponde a uma tipologia[: {meaning}][; soma {sum:x}][, alerta a partir de {alert:x}]"
        "[, interdição a partir de {interdict:x}].",
        "It fits a typology[: {meaning}][; sum {sum:x}][, alert from {alert:x}][, interdiction from {interdict:x}].",
    ),
    "model": (
        "O modelo[ {version}] dá probabilidade[ {share:share}] de fraude"
        "[, sobretudo por: {first:code}][; {second:code}][; {third:code}]"
        "[; respondeu só o modelo simples: {fallback:code}].",
        "The model[ {version}] gives a[ {share:share}] probability of fraud"
        "[, mostly because of: {first:code}][; {second:code}][; {third:code}]"
        "[; the plain model alone answered: {fallback:code}].",
    ),
    "model_shadow": (
        "Um modelo em teste[ {version}] dá probabilidade[ {share:share}] de fraude; não conta pontos.",
        "A model on trial[ {version}] gives a[ {share:share}] probability of fraud; it gives no points.",
    ),
    "fallback_unusual": (
        "a transação difere do que foi visto no treinamento",
        "the transaction is unlike what training saw",
    ),
    "fallback_forgotten": (
        "a transação é anterior à memória do modelo",
        "the transaction lies before what the model remembers",
    ),
}
