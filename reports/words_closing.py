"""Words for how a report was made, its limits and its open fields: code -> (Portuguese, English).

The grammar of the templates is in `reports.phrases`.
"""

from __future__ import annotations

CLOSING_WORDS: dict[str, tuple[str, str]] = {
    "method_source": (
        "Todo fato vem de um registro de eventos que só aceita acréscimos, lido até a posição de referência.",
        "Every fact comes from an append-only event log, read up to the reference position.",
    ),
    "method_evidence": (
        "Cada frase remete aos eventos que a demonstram, listados nos anexos com posição e código de integridade; "
        "frases sem evento trazem o motivo.",
        "Every sentence points to the events that show it, listed in the annexes with position and integrity hash; "
        "sentences without an event give the reason.",
    ),
    "method_score": (
        "O índice de suspeita é uma soma de pontos de sinais nomeados; não é probabilidade nem juízo de culpa.",
        "The suspicion score is a sum of points of named signals; it is neither a probability nor a finding of guilt.",
    ),
    "method_roles": (
        "Os papéis são inferidos da forma e do tempo das movimentações e descrevem contas, não pessoas.",
        "Roles are inferred from the shape and timing of movements and describe accounts, not persons.",
    ),
    "method_flow": (
        "As movimentações são mostradas como ocorreram, sem regra de alocação de valores; as camadas contam repasses "
        "desde as contas que só pagam.",
        "Movements are shown as they happened, with no allocation rule; layers count hops from the accounts that only "
        "pay.",
    ),
    "method_identifiers": (
        "Documentos, telefones, e-mails e chaves de pagamento só são guardados como códigos com chave secreta.",
        "Documents, phones, e-mails and payment keys are kept only as codes made with a secret key.",
    ),
    "method_graph": (
        "Agregados do grafo são marcados como tais; valem para o estado do grafo quando o relatório foi feito.",
        "Aggregates read from the graph are marked as such; they hold for the graph when the report was made.",
    ),
    "method_time": (
        "Horários são guardados em UTC; fora dos anexos, que trazem os dois, valem no horário de São Paulo.",
        "Times are kept in UTC; outside the annexes, which show both, they are Sao Paulo time.",
    ),
    "method_reproduction": (
        "As mesmas entradas na mesma posição geram o mesmo conteúdo, byte a byte.",
        "The same inputs at the same position give the same content, byte for byte.",
    ),
    "limit_none": (
        "Nenhuma busca atingiu limite e nenhuma fonte faltou.",
        "No search hit a limit and no source was missing.",
    ),
    "limit_truncated": (
        "Uma busca atingiu seu limite e pode haver mais do que o mostrado[: {id}].",
        "A search hit its limit and there may be more than is shown[: {id}].",
    ),
    "limit_signal_missing": (
        "Um sinal não pôde ser calculado e não contou pontos[: {id}][ ({cause})].",
        "A signal could not be computed and gave no points[: {id}][ ({cause})].",
    ),
    "limit_link_events": (
        "Parte das ligações cita só alguns dos seus eventos[: {count#ligação/ligações}]"
        "[, com {total#evento/eventos} ao todo].",
        "Some links cite only part of their events[: {count#link/links}][, with {total#event/events} in all].",
    ),
    "limit_totals_differ": (
        "A soma dos eventos citados difere do total registrado[ em {count#ligação/ligações}].",
        "The cited events do not add up to the recorded total[ in {count#link/links}].",
    ),
    "limit_events_unknown": (
        "Eventos citados não foram encontrados no registro[: {count#evento/eventos}][, como {id}].",
        "Cited events were not found in the log[: {count#event/events}][, such as {id}].",
    ),
    "limit_events_later": (
        "Eventos posteriores à posição de referência foram deixados de fora[: {count#evento/eventos}].",
        "Events after the reference position were left out[: {count#event/events}].",
    ),
    "limit_annex": (
        "O anexo atingiu seu limite e não traz todas as transações[: faltam {count#transação/transações}].",
        "The annex hit its limit and does not hold every transaction[: {count#transaction/transactions} left out].",
    ),
    "limit_currencies": (
        "Há mais de uma moeda e os totais somam valores nominais[: {names}].",
        "There is more than one currency and totals add nominal amounts[: {names}].",
    ),
    "limit_hops": (
        "A tabela do fluxo mostra só os maiores repasses[: {shown:n} de {count:n}].",
        "The flow table shows only the largest hops[: {shown:n} of {count:n}].",
    ),
    "limit_links": (
        "A tabela de ligações mostra só as mais fortes[: {shown:n} de {count:n}].",
        "The links table shows only the strongest[: {shown:n} of {count:n}].",
    ),
    "limit_means": (
        "A tabela técnica mostra só os itens mais compartilhados[: {shown:n} de {count:n}].",
        "The technical table shows only the most shared items[: {shown:n} of {count:n}].",
    ),
    "limit_means_accounts": (
        "Os meios de acesso foram consultados no grafo só para as contas principais[: {shown:n} de {count:n}]; para as "
        "demais valem os eventos citados.",
        "Means of access were read from the graph only for the main accounts[: {shown:n} of {count:n}]; for the others "
        "the cited events stand.",
    ),
    "limit_unworded": (
        "Um motivo registrado não tem texto e aparece por seu código[: {id}].",
        "A recorded reason has no words and appears by its code[: {id}].",
    ),
    "gap_reporter": (
        "Comunicante: razão social, CNPJ, responsável e contato.",
        "Reporter: legal name, registration number, responsible person and contact.",
    ),
    "gap_legal_basis": (
        "Enquadramento legal (códigos da norma aplicável) e medidas já tomadas.",
        "Legal basis (codes of the applicable rule) and measures already taken.",
    ),
    "gap_holder_names": (
        "Titulares das contas: nome e CPF/CNPJ.",
        "Account holders: name and document number.",
    ),
    "gap_bank_details": (
        "Dados bancários: instituição, agência, número da conta e chave de pagamento.",
        "Bank details: institution, branch, account number and payment key.",
    ),
    "gap_ip_provider": (
        "Provedor e sistema autônomo dos endereços IP.",
        "Provider and autonomous system of the IP addresses.",
    ),
    "gap_operator_registration": (
        "Operador: razão social, registro, país e nome comercial.",
        "Operator: legal name, registration, country and trade name.",
    ),
    "gap_beneficial_owners": (
        "Sócios e beneficiários finais do operador.",
        "Partners and beneficial owners of the operator.",
    ),
    "gap_domain_registrar": (
        "Registrador e titular dos domínios.",
        "Registrar and registrant of the domains.",
    ),
    "basis_method": ("Descrição do método.", "Describes the method."),
    "basis_absence": ("Ausência de registro.", "Absence of a record."),
    "basis_graph": ("Agregado do grafo.", "Aggregate read from the graph."),
    "basis_unavailable": (
        "Eventos não disponíveis até a posição de referência.",
        "Events not available up to the reference position.",
    ),
}
