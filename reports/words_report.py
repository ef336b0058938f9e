"""Words for the sentences that reports say themselves: code -> (Portuguese, English).

The grammar of the templates is in `reports.phrases`.
"""

from __future__ import annotations

_SUMMARY: dict[str, tuple[str, str]] = {
    "who_ring": (
        "Rede de contas ligadas entre si[: {count#conta participante/contas participantes}][ (identificação {id})].",
        "A ring of accounts linked to each other[: {count#member account/member accounts}][ (reference {id})].",
    ),
    "who_role": (
        "Função na rede[: {role:code}][, {count#conta/contas}].",
        "Role in the ring[: {role:code}][, {count#account/accounts}].",
    ),
    "who_operator": (
        "Operador de apostas[ {id}][, com {count#conta de arrecadação conhecida/contas de arrecadação conhecidas}].",
        "Betting operator[ {id}][, with {count#known collection account/known collection accounts}].",
    ),
    "what_kind": ("Forma observada[: {kind:code}].", "Shape observed[: {kind:code}]."),
    "what_totals": (
        "Valores de entrada e saída da rede apurados[: entraram {in_cents:money}][, saíram {out_cents:money}]"
        "[, ficaram retidos {retained_cents:money}][, pagos por {payers#conta/contas} que só enviam].",
        "Money in and out of the ring[: {in_cents:money} entered][, {out_cents:money} left]"
        "[, {retained_cents:money} was retained][, paid by {payers#account/accounts} that only send].",
    ),
    "collected_total": (
        "As contas de arrecadação receberam dinheiro de terceiros[: {count#pagamento/pagamentos}]"
        "[, somando {amount_cents:money}][, de {payers#pagador distinto/pagadores distintos}].",
        "The collection accounts took money from others[: {count#payment/payments}][, {amount_cents:money} in total]"
        "[, from {payers#distinct payer/distinct payers}].",
    ),
    "collected_none": (
        "Nenhum pagamento às contas de arrecadação foi encontrado no registro.",
        "No payment to the collection accounts was found in the log.",
    ),
    "where_sites": (
        "Sites envolvidos[: {count#domínio/domínios}][ ({names})].",
        "Sites involved[: {count#domain/domains}][ ({names})].",
    ),
    "where_unknown": (
        "Nenhum site de apostas aparece nos eventos citados.",
        "No betting site appears in the cited events.",
    ),
    "when_window": (
        "Período da atividade[: de {first:date} a {last:date}] (horário de São Paulo).",
        "Period of activity[: {first:date} to {last:date}] (Sao Paulo time).",
    ),
    "when_unknown": ("Não há movimentação datada no registro.", "The log holds no dated movement."),
    "why_score": (
        "Índice de suspeita da rede, soma de sinais nomeados[: {score:x} de 100][, com {count#sinal/sinais}].",
        "Suspicion score of the ring, a sum of named signals[: {score:x} of 100][, from {count#signal/signals}].",
    ),
    "why_operator_rings": (
        "As contas de arrecadação participam de redes identificadas[: {count#rede/redes}]"
        "[, com índice de até {score:x} de 100].",
        "The collection accounts belong to identified rings[: {count#ring/rings}][, scoring up to {score:x} of 100].",
    ),
    "confidence_unreasoned": (
        "Não há sinal nomeado que sustente um nível maior de confiança.",
        "No named signal supports a higher level of confidence.",
    ),
    "unknown_holders": (
        "Não se conhecem os titulares das contas[: {count#conta/contas}]; identificadores pessoais só existem aqui "
        "como códigos irreversíveis.",
        "The holders of the accounts are not known[: {count#account/accounts}]; personal identifiers exist here only "
        "as irreversible codes.",
    ),
    "unknown_roles": (
        "O papel de parte das contas não foi determinado[: {count#conta/contas}].",
        "The role of some accounts was not determined[: {count#account/accounts}].",
    ),
    "unknown_organiser": (
        "Nenhuma conta pôde ser apontada como organizadora.",
        "No account could be named as organiser.",
    ),
    "unknown_sites": (
        "Não se sabe a que site ou operador os valores se destinavam.",
        "It is not known which site or operator the money was meant for.",
    ),
    "unknown_licence": (
        "Não se conhece a situação de licença do operador.",
        "The operator's licence status is not known.",
    ),
    "unknown_destination": (
        "Não se conhece o destino do dinheiro depois da última conta observada.",
        "It is not known where the money went after the last account observed.",
    ),
}

_OPERATOR: dict[str, tuple[str, str]] = {
    "licence_yes": (
        "O operador consta como licenciado nas fontes consultadas[: {id}].",
        "The operator is licensed according to the sources consulted[: {id}].",
    ),
    "licence_no": (
        "O operador consta como não licenciado nas fontes consultadas[: {id}].",
        "The operator is not licensed according to the sources consulted[: {id}].",
    ),
    "licence_unknown": (
        "Nenhuma fonte consultada informa a situação de licença do operador[ {id}].",
        "No source consulted states the licence status of the operator[ {id}].",
    ),
    "licence_conflict": (
        "As fontes divergem sobre a licença; prevalece aqui a que a nega.",
        "The sources disagree on the licence; the one that denies it stands here.",
    ),
    "operator_listed": (
        "O operador consta de listas de indicadores[: {names}].",
        "The operator is on lists of indicators[: {names}].",
    ),
    "operator_unknown": (
        "Nada consta sobre este operador até a posição de referência[: {id}].",
        "Nothing is known about this operator up to the reference position[: {id}].",
    ),
    "domain_seen": ("Domínio atribuído ou usado[: {id}].", "Domain attributed or used[: {id}]."),
    "domain_rotation": (
        "Uso de vários domínios[: {count#domínio/domínios}][, o primeiro e o último com {days:days} de intervalo].",
        "Several domains are used[: {count#domain/domains}][, the first and the last {days:days} apart].",
    ),
    "collects_with": (
        "Conta usada para arrecadar[: {id}].",
        "Account used to collect money[: {id}].",
    ),
    "role_collects": (
        "Papel de conta de arrecadação, atribuído pelos fatos sobre o operador.",
        "Role of collection account, from the facts about the operator.",
    ),
    "role_in_ring": (
        "Papel atribuído em rede identificada[: {role:code}][ (rede {id})].",
        "Role given in an identified ring[: {role:code}][ (ring {id})].",
    ),
    "role_by_links": (
        "Papel atribuído pelas ligações da conta[: {role:code}].",
        "Role given by the account's links[: {role:code}].",
    ),
}

_LINKS: dict[str, tuple[str, str]] = {
    "connected_ring": (
        "Contas em comum com outra rede[: {count#conta/contas}][, rede {id}][, {kind:code}].",
        "Accounts shared with another ring[: {count#account/accounts}][, ring {id}][, {kind:code}].",
    ),
    "connected_operator": (
        "Participantes movimentaram dinheiro em operador de apostas[: {id}][, {count#movimentação/movimentações}].",
        "Members moved money at a betting operator[: {id}][, {count#movement/movements}].",
    ),
    "collector_in_ring": (
        "Contas de arrecadação que participam de rede identificada[: {count#conta/contas}][, rede {id}]"
        "[, {kind:code}].",
        "Collection accounts that belong to an identified ring[: {count#account/accounts}][, ring {id}]"
        "[, {kind:code}].",
    ),
    "shared_with_operator_account": (
        "Contas de arrecadação em comum com outro operador[: {id}][, {count#conta/contas}].",
        "Collection accounts shared with another operator[: {id}][, {count#account/accounts}].",
    ),
    "shared_with_operator_ip": (
        "Hospedagem em comum com outro operador[: {id}][, {count#endereço IP/endereços IP}].",
        "Hosting shared with another operator[: {id}][, {count#IP address/IP addresses}].",
    ),
    "shared_with_operator_device": (
        "Dispositivos em comum com contas de arrecadação de outro operador[: {id}]"
        "[, {count#dispositivo/dispositivos}].",
        "Devices shared with collection accounts of another operator[: {id}][, {count#device/devices}].",
    ),
    "means_device": (
        "Dispositivos usados pelas contas[: {count:n}][, dos quais {shared:n} por mais de uma conta].",
        "Devices used by the accounts[: {count:n}][, {shared:n} of them by more than one account].",
    ),
    "means_ip": (
        "Endereços IP usados pelas contas[: {count:n}][, dos quais {shared:n} por mais de uma conta].",
        "IP addresses used by the accounts[: {count:n}][, {shared:n} of them by more than one account].",
    ),
    "means_domain": (
        "Domínios acessados pelas contas[: {count:n}][, dos quais {shared:n} por mais de uma conta].",
        "Domains used by the accounts[: {count:n}][, {shared:n} of them by more than one account].",
    ),
    "means_identifier": (
        "Identificadores pessoais (codificados) das contas[: {count:n}][, dos quais {shared:n} em mais de uma conta].",
        "Personal identifiers (coded) of the accounts[: {count:n}][, {shared:n} of them on more than one account].",
    ),
    "means_none": (
        "Nenhum dispositivo, endereço ou domínio foi observado para estas contas.",
        "No device, address or domain was observed for these accounts.",
    ),
    "hosting_ip": (
        "Endereço de hospedagem observado[: {id}][, servindo {count#domínio/domínios}].",
        "Hosting address observed[: {id}][, serving {count#domain/domains}].",
    ),
    "flow_none": (
        "Não há movimentação de valores entre as contas.",
        "No money moved between the accounts.",
    ),
    "flow_total": (
        "Movimentações entre contas[: {count#movimentação/movimentações}][, somando {amount_cents:money}]"
        "[, entre {accounts#conta/contas}][, em {layers#camada/camadas}].",
        "Movements between accounts[: {count#movement/movements}][, {amount_cents:money} in total]"
        "[, among {accounts#account/accounts}][, in {layers#layer/layers}].",
    ),
    "flow_layer": (
        "Da camada[ {layer:n}] partiram valores[: {amount_cents:money}][, em {count#movimentação/movimentações}]"
        "[, para {targets#conta/contas}].",
        "Money left layer[ {layer:n}][: {amount_cents:money}][, in {count#movement/movements}]"
        "[, to {targets#account/accounts}].",
    ),
}

_ADVICE: dict[str, tuple[str, str]] = {
    "advise_block_domains_unlicensed": (
        "Avaliar o bloqueio dos domínios de operador sem licença[: {count#domínio/domínios}].",
        "Consider blocking the domains of an operator without a licence[: {count#domain/domains}].",
    ),
    "advise_block_domains_listed": (
        "Avaliar o bloqueio dos domínios que constam de lista de bloqueio[: {count#domínio/domínios}].",
        "Consider blocking the domains that are on a block list[: {count#domain/domains}].",
    ),
    "advise_verify_domains_unknown": (
        "Verificar a licença antes de bloquear os domínios, pois nenhuma fonte a informa[: {count#domínio/domínios}].",
        "Verify the licence before blocking the domains, since no source states it[: {count#domain/domains}].",
    ),
    "advise_break_flow": (
        "Avaliar o bloqueio conjunto dos alvos sem os quais o dinheiro da rede não chega ao destino"
        "[: {count#alvo/alvos}][; seriam atingidos também {accounts#conta fora de redes/contas fora de redes}]"
        "[, com {amount_cents:money} movimentados com eles].",
        "Consider blocking together the targets without which the ring's money does not arrive"
        "[: {count#target/targets}]"
        "[; this would also hit {accounts#account outside any ring/accounts outside any ring}]"
        "[, with {amount_cents:money} moved with them].",
    ),
    "advise_freeze_accounts": (
        "Avaliar o bloqueio cautelar das contas que movimentam o dinheiro[: {count#conta/contas}]"
        "[, com até {amount_cents:money} movimentados].",
        "Consider a precautionary freeze of the accounts that move the money[: {count#account/accounts}]"
        "[, which moved up to {amount_cents:money}].",
    ),
    "advise_investigate_organiser": (
        "Investigar como principal responsável quem controla as contas organizadoras[: {count#conta/contas}].",
        "Investigate whoever controls the organising accounts as the main suspect[: {count#account/accounts}].",
    ),
    "advise_investigate_leading": (
        "Investigar quem controla as contas de arrecadação e de saída, já que o organizador não foi identificado"
        "[: {count#conta/contas}].",
        "Investigate whoever controls the collecting and cash-out accounts, as no organiser was identified"
        "[: {count#account/accounts}].",
    ),
    "advise_investigate_operator": (
        "Investigar como principal responsável o operador[ {id}].",
        "Investigate the operator[ {id}] as the main suspect.",
    ),
    "advise_hear_payers": (
        "Ouvir os pagadores, possíveis vítimas, e não incluí-los em bloqueio[: {count#conta/contas}].",
        "Hear the payers, who may be victims, and leave them out of any freeze[: {count#account/accounts}].",
    ),
    "advise_preserve_records": (
        "Requisitar a provedores a preservação dos registros de endereços e dispositivos em comum"
        "[: {count#item/itens}].",
        "Request that providers preserve the records of shared addresses and devices[: {count#item/items}].",
    ),
    "advise_coordinate_ring": (
        "Comunicar à unidade de inteligência financeira e coordenar a apuração com a polícia[ (rede {id})].",
        "Notify the financial intelligence unit and coordinate the inquiry with the police[ (ring {id})].",
    ),
    "advise_coordinate_operator": (
        "Comunicar ao regulador de apostas e à unidade de inteligência financeira e coordenar a apuração com a polícia"
        "[ (operador {id})].",
        "Notify the betting regulator and the financial intelligence unit and coordinate the inquiry with the police"
        "[ (operator {id})].",
    ),
}

REPORT_WORDS: dict[str, tuple[str, str]] = _SUMMARY | _OPERATOR | _LINKS | _ADVICE
