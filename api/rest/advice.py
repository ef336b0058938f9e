"""What a caller is advised to do after a decision, in words; pure."""

from __future__ import annotations

from collections.abc import Sequence

from graph.evidence import Decision
from reports.formats import Language

Pair = tuple[str, str]  # (Portuguese, English)

_BY_DECISION: dict[Decision, Pair] = {
    Decision.APPROVE: ("Nenhuma ação necessária.", "No action is needed."),
    Decision.REVIEW: (
        "Retenha o valor até que uma pessoa analise a transação.",
        "Hold the money until a person has looked at the transaction.",
    ),
    Decision.DENY: ("Recuse a transação e preserve os registros.", "Refuse the transaction and keep its records."),
}
_BY_SIGNAL: dict[str, Pair] = {
    "undecided": (
        "Repita a consulta quando o serviço se recuperar; nenhuma pontuação foi calculada.",
        "Ask again when the service has recovered; no score was computed.",
    ),
    **dict.fromkeys(
        ("listed_indicator", "block_list", "watch_list"),
        ("Verifique o registro na lista antes de liberar.", "Check the entry on the list before letting it pass."),
    ),
    "new_device": ("Confirme a identidade por um segundo fator.", "Confirm the customer by a second factor."),
    "failed_attempts": ("Confirme a identidade por um segundo fator.", "Confirm the customer by a second factor."),
    "shared_device": (
        "Confira as demais contas do mesmo dispositivo.",
        "Look at the other accounts on the same device.",
    ),
    "pass_through": ("Siga o destino do dinheiro recebido.", "Follow where the money that was received went."),
    "forwarded_collection": (
        "Avalie a rede a que as contas pertencem.",
        "Look at the ring that the accounts belong to.",
    ),
    "round_trip": ("Avalie a rede a que as contas pertencem.", "Look at the ring that the accounts belong to."),
}


def recommendations(decision: Decision, signals: Sequence[str], language: Language) -> list[str]:
    """Advice for the decision and then for what caused it, without repeats; nothing more than the decision's own
    advice on an approval."""
    pairs = [_BY_DECISION[decision]]
    if decision is not Decision.APPROVE:
        pairs += [_BY_SIGNAL[name] for name in signals if name in _BY_SIGNAL]
    index = 0 if language is Language.PT else 1
    return list(dict.fromkeys(pair[index] for pair in pairs))
