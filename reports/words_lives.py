"""Words for the life of rings: why a version came, and in what a dismissed ring is another: code -> (Portuguese,
English)."""

from __future__ import annotations

LIFE_WORDS: dict[str, tuple[str, str]] = {
    "lineage_verdict": (
        "Por decisão de pessoas[: {count#decisão/decisões}].",
        "People decided[: {count#decision/decisions}].",
    ),
    "lineage_lost": (
        "Um motivo deixou de valer[: {reason:code}].",
        "A reason no longer holds[: {reason:code}].",
    ),
    "lineage_movements": (
        "Novas movimentações na rede[: {count#evento/eventos}].",
        "New movements in the ring[: {count#event/events}].",
    ),
    "lineage_quiet": (
        "Sem movimentação na rede[ há {days:days}][, desde {ts:date}].",
        "Nothing moved in the ring[ for {days:days}][, since {ts:date}].",
    ),
    "changed_members": (
        "Outros membros desde que foi descartada[: {count#conta nova/contas novas}][ de {accounts:n}].",
        "Other members since it was dismissed[: {count#new account/new accounts}][ of {accounts:n}].",
    ),
    "changed_shape": (
        "Nova forma desde que foi descartada[: {pattern}].",
        "A new shape since it was dismissed[: {pattern}].",
    ),
    "changed_money": (
        "Mais dinheiro desde que foi descartada[: {amount_cents:money}][, antes {before_cents:money}].",
        "More money since it was dismissed[: {amount_cents:money}][, before {before_cents:money}].",
    ),
}
