"""Words of the pages, in Portuguese and English. Evidence gets its words from `reports.phrases`, and
kinds, roles and links their names from `reports.words_names`: pages and reports call things the same.
"""

from __future__ import annotations

from api.pages.words_lives import LIFE_WORDS
from api.pages.words_money import MONEY_WORDS
from reports.formats import Language

#: key -> (Portuguese, English)
WORDS: dict[str, tuple[str, str]] = (
    LIFE_WORDS
    | MONEY_WORDS
    | {
        # navigation
        "rings": ("Redes", "Rings"),
        "operators": ("Operadores", "Operators"),
        "search_hint": ("rede, conta, transação ou operador", "ring, account, transaction or operator"),
        "search": ("Buscar", "Search"),
        "other_language": ("English", "Português"),
        "api_docs": ("API REST", "REST API"),
        # list of rings
        "score": ("Pontuação", "Score"),
        "kind": ("Tipo", "Kind"),
        "size": ("Membros", "Members"),
        "money_in": ("Entrou", "Money in"),
        "money_out": ("Saiu", "Money out"),
        "retained": ("Retido", "Retained"),
        "first": ("Primeiro", "First"),
        "last": ("Último", "Last"),
        "ring": ("Rede", "Ring"),
        "any_kind": ("todos os tipos", "every kind"),
        "min_score": ("Pontuação mínima", "Minimum score"),
        "account": ("Conta", "Account"),
        "filter": ("Filtrar", "Filter"),
        "clear": ("Limpar", "Clear"),
        "next_page": ("Próxima página", "Next page"),
        "first_page": ("Voltar ao início", "Back to the start"),
        "no_rings": ("Nenhuma rede corresponde ao filtro.", "No ring matches the filter."),
        "transactions": ("Transações", "Transactions"),
        "set_aside": ("Linhas separadas", "Rows set aside"),
        "degraded_count": ("Degradadas", "Degraded"),
        "rings_found": ("Redes encontradas", "Rings found"),
        # ring page
        "report": ("Relatório", "Report"),
        "graph": ("Grafo", "Graph"),
        "show_means": ("meios compartilhados", "shared means"),
        "show_hubs": ("hubs desconsiderados", "hubs left out"),
        "show_names": ("nomes", "names"),
        "details": ("Detalhes", "Details"),
        "click_hint": (
            "Clique em um nó ou ligação. Arraste para mover, role para aproximar.",
            "Click a node or a link. Drag to move, scroll to zoom.",
        ),
        "open": ("Abrir", "Open"),
        "needs_script": (
            "O desenho do grafo precisa de JavaScript; tudo o que ele mostra está nas tabelas abaixo.",
            "Drawing the graph needs JavaScript; all it shows is in the tables below.",
        ),
        "drawn_part": ("Desenhados {shown} de {total} nós.", "{shown} of {total} nodes are drawn."),
        "money_over_time": ("Dinheiro no tempo", "Money over time"),
        "entered": ("entrou", "entered"),
        "left": ("saiu", "left"),
        "inside": ("entre membros", "between members"),
        "chart_part": (
            "{shown} de {total} movimentações citadas como evidência.",
            "{shown} of {total} movements, those cited as evidence.",
        ),
        "no_money": ("Esta rede não tem movimentações.", "This ring has no movements."),
        "members": ("Membros", "Members"),
        "role": ("Papel", "Role"),
        "certainty": ("Certeza", "Certainty"),
        "reasons": ("Motivos", "Reasons"),
        "evidence": ("Evidências", "Evidence"),
        "events": ("Eventos", "Events"),
        "and_more": ("e mais {count}", "and {count} more"),
        "contributions": ("De que é feita a pontuação", "What the score is made of"),
        "points": ("Pontos", "Points"),
        "measured": ("Medido", "Measured"),
        "missing": ("ausente", "missing"),
        "suppressed": ("Hubs desconsiderados", "Hubs left out"),
        "suppressed_note": (
            "Itens compartilhados por muitas contas não formam rede por si sós.",
            "What very many accounts share never makes a ring on its own.",
        ),
        "none": ("Nenhum.", "None."),
        "truncated": ("Busca interrompida por limite", "A search hit its budget"),
        "degraded": ("Fonte indisponível", "A source did not answer"),
        # account, transaction, operator
        "received": ("Recebido", "Received"),
        "sent": ("Enviado", "Sent"),
        "means": ("Meios usados", "Means used"),
        "counterparties": ("Contrapartes", "Counterparties"),
        "direction_in": ("recebeu de", "received from"),
        "direction_out": ("enviou para", "sent to"),
        "count": ("Vezes", "Times"),
        "sum": ("Soma", "Sum"),
        "recent": ("Movimentações recentes", "Recent movements"),
        "when": ("Quando", "When"),
        "amount": ("Valor", "Amount"),
        "from": ("De", "From"),
        "to": ("Para", "To"),
        "decision": ("Decisão", "Decision"),
        "channel": ("Canal", "Channel"),
        "transaction": ("Transação", "Transaction"),
        "operator": ("Operador", "Operator"),
        "flagged": ("Consta das listas", "Stands on lists"),
        "not_scored": ("sem pontuação", "not scored"),
        "signals": ("Sinais", "Signals"),
        "versions": ("Versões", "Versions"),
        "licensed": ("Licença", "Licence"),
        "licensed_yes": ("autorizado", "licensed"),
        "licensed_no": ("não autorizado", "not licensed"),
        "licensed_unknown": ("desconhecida", "unknown"),
        "domains": ("Sites", "Sites"),
        "collectors": ("Contas de arrecadação", "Collection accounts"),
        "addresses": ("Endereços e demais vestígios", "Addresses and other traces"),
        "no_operators": ("Nenhum operador conhecido.", "No operator is known."),
        "no_movements": ("Nenhuma movimentação conhecida.", "No movement is known."),
        "session": ("Sessão", "Session"),
        "times_in": ("Horários de São Paulo.", "Times of São Paulo."),
        # alerts
        "alerts": ("Alertas", "Alerts"),
        "alert_day": ("Dia", "Day"),
        "tenant": ("Estabelecimento", "Tenant"),
        "rank": ("Posição", "Rank"),
        "no_alerts": ("Nenhum alerta neste dia.", "No alerts on this day."),
        "alerts_note": (
            "As decisões mais graves do dia, dentro do limite de alertas da política.",
            "The day's gravest decisions, within the alert budget of the policy.",
        ),
        # trouble
        "not_found": ("Não encontrado", "Not found"),
        "trouble": ("Não foi possível responder", "This could not be answered"),
        "HUB": ("hub desconsiderado", "hub left out"),
        # decisions
        "approve": ("aprovar", "approve"),
        "review": ("revisar", "review"),
        "deny": ("recusar", "deny"),
    }
)


def word(key: str, language: Language, **params: object) -> str:
    """The word or sentence for `key`; a key without words is shown as it is, for ids and codes of others."""
    pair = WORDS.get(key)
    text = key if pair is None else pair[0 if language is Language.PT else 1]
    return text.format(**params) if params else text
