"""Words for what speaks for a model's answer: code -> (Portuguese, English).

Those of `because_*` are fragments of the sentence of `model`.
"""

from __future__ import annotations

MODEL_WORDS: dict[str, tuple[str, str]] = {
    "because_amount": ("valor, ritmo e listas", "amount, pace and lists"),
    "because_history": ("o histórico das duas contas", "the history of both accounts"),
    "because_pair": ("o que houve antes entre as duas contas", "what went on before between the two accounts"),
    "because_ports": ("o número e a ordem das contrapartes", "the number and order of counterparties"),
    "because_flow": ("o caminho do dinheiro pelas contas", "the way of the money through the accounts"),
    "because_kinds": ("os tipos de movimentação das contas", "the kinds of money the accounts move"),
    "because_means": ("dispositivos, endereços e identificadores comuns", "shared devices, addresses and identifiers"),
    "because_site": ("tentativas de acesso, site e operador", "sign-in attempts, site and operator"),
    "because_counterparties": ("o perfil das contrapartes", "what the counterparties are like"),
    "because_patterns": ("padrões de rede que se completam", "ring patterns that it completes"),
    "because_payees": ("pagamentos anteriores suspeitos da origem", "suspicious earlier payments by the source"),
    "because_payers": ("recebimentos anteriores suspeitos da origem", "suspicious earlier receipts of the source"),
    "because_target_payees": (
        "pagamentos anteriores suspeitos do destino",
        "suspicious earlier payments by the target",
    ),
    "because_target_payers": (
        "recebimentos anteriores suspeitos do destino",
        "suspicious earlier receipts of the target",
    ),
    "because_source": ("o passado suspeito da origem", "the suspicious past of the source"),
    "because_target": ("o passado suspeito do destino", "the suspicious past of the target"),
    "because_itself": ("a movimentação em si, em primeira análise", "the movement itself, at first assessment"),
    "network_link_0": (
        "O que a origem movimentou com esta contraparte elevou a avaliação da rede neural"
        "[: {count#movimentação/movimentações}].",
        "What the source moved with this counterparty raised the network's assessment[: {count#movement/movements}].",
    ),
    "network_link_1": (
        "O que o destino movimentou com esta contraparte elevou a avaliação da rede neural"
        "[: {count#movimentação/movimentações}].",
        "What the target moved with this counterparty raised the network's assessment[: {count#movement/movements}].",
    ),
    "because_account": ("o comportamento das contas ao longo da vida", "how the accounts behaved all their life"),
}
