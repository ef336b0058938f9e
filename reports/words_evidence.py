"""Words for the evidence of signals, rings, roles and link-analysis jobs: code -> (Portuguese, English).

The grammar of the templates is in `reports.phrases`.
"""

from __future__ import annotations

_SIGNALS: dict[str, tuple[str, str]] = {
    "velocity": (
        "Movimentações em ritmo acima do normal para a conta[: {count#movimentação/movimentações}][ em {hours:hours}]"
        "[ (limite: {limit:n})].",
        "The account moves money faster than is normal[: {count#movement/movements}][ in {hours:hours}]"
        "[ (limit: {limit:n})].",
    ),
    "amount_vs_history": (
        "Valor fora do padrão histórico da conta[: {amount_cents:money}][, {times:x} vezes o habitual]"
        "[, frente a {count#movimentação anterior/movimentações anteriores}][, frente à média de {mean_cents:money}].",
        "Amount out of line with the account's own history[: {amount_cents:money}][, {times:x} times the usual]"
        "[, against {count#earlier movement/earlier movements}][, against a mean of {mean_cents:money}].",
    ),
    "new_device": (
        "Dispositivo usado pela primeira vez pela conta[: {id}][, visto há {hours:hours}].",
        "The account uses a device for the first time[: {id}][, first seen {hours:hours} ago].",
    ),
    "shared_device": (
        "Dispositivo compartilhado por contas distintas[: {count#conta/contas}][ no dispositivo {id}]"
        "[ em {days:days}][ (limite: {limit:n})].",
        "One device is shared by distinct accounts[: {count#account/accounts}][ on device {id}][ in {days:days}]"
        "[ (limit: {limit:n})].",
    ),
    "young_site": (
        "Site de apostas recente[: {id}][, com {days:days} de existência][ (limite: {limit:n} dias)].",
        "Young betting site[: {id}][, {days:days} old][ (limit: {limit:n} days)].",
    ),
    "listed_indicator": (
        "Consta de lista de indicadores[: {id}][, na lista {list}][, com {count#registro/registros}].",
        "It is on a list of indicators[: {id}][, on list {list}][, with {count#entry/entries}].",
    ),
    "fan_in": (
        "A conta recebe de muitos pagadores distintos[: {count#pagador/pagadores}][ em {hours:hours}]"
        "[, somando {amount_cents:money}][ (limite: {limit:n})].",
        "The account is paid by many distinct payers[: {count#payer/payers}][ in {hours:hours}]"
        "[, {amount_cents:money} in total][ (limit: {limit:n})].",
    ),
    "fan_out": (
        "A conta paga muitos destinatários distintos[: {count#destinatário/destinatários}][ em {hours:hours}]"
        "[, somando {amount_cents:money}][ (limite: {limit:n})].",
        "The account pays many distinct recipients[: {count#recipient/recipients}][ in {hours:hours}]"
        "[, {amount_cents:money} in total][ (limit: {limit:n})].",
    ),
    "pass_through": (
        "A conta repassa o que recebe[: {share:share} do valor recebido][, em até {hours:hours}]"
        "[, no total de {amount_cents:money}].",
        "The account passes on what it receives[: {share:share} of the money received][, within {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "round_trip": (
        "O dinheiro retorna à conta de origem, em ordem de tempo[, após {count#repasse/repasses}][, em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "Money returns to the account it started from, in time order[, after {count#hop/hops}][, in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "new_counterparty": (
        "Primeira movimentação entre estas duas contas[, no valor de {amount_cents:money}].",
        "First movement between these two accounts[, of {amount_cents:money}].",
    ),
    "failed_attempts": (
        "Tentativas de autenticação sem sucesso na conta[: {count#tentativa/tentativas}][ em {hours:hours}]"
        "[ (limite: {limit:n})].",
        "Failed authentication attempts on the account[: {count#attempt/attempts}][ in {hours:hours}]"
        "[ (limit: {limit:n})].",
    ),
    "shared_identifier": (
        "Mesmo identificador pessoal em contas distintas[: {count#conta/contas}][ com o identificador {id}]"
        "[ (limite: {limit:n})].",
        "One personal identifier stands on distinct accounts[: {count#account/accounts}][ with identifier {id}]"
        "[ (limit: {limit:n})].",
    ),
    "shared_ip": (
        "Mesmo endereço IP usado por contas distintas[: {count#conta/contas}][ no endereço {id}][ em {days:days}]"
        "[ (limite: {limit:n})].",
        "One IP address is used by distinct accounts[: {count#account/accounts}][ on address {id}][ in {days:days}]"
        "[ (limit: {limit:n})].",
    ),
    "unlicensed_operator": (
        "Operador de apostas sem licença nas fontes consultadas[: {id}].",
        "Betting operator without a licence in the sources consulted[: {id}].",
    ),
    "first_seen_account": (
        "Conta sem histórico anterior[: {id}][, vista pela primeira vez há {hours:hours}].",
        "Account without earlier history[: {id}][, first seen {hours:hours} ago].",
    ),
    "allow_listed": (
        "Consta de lista de permissão[: {id}][, na lista {list}], o que reduz a pontuação.",
        "It is on an allow list[: {id}][, on list {list}], which lowers the score.",
    ),
    "cap": (
        "A soma dos sinais[, {score:x},] foi ajustada aos limites da pontuação[ (limite: {limit:n})].",
        "The sum of the signals[, {score:x},] was brought inside the score's bounds[ (limit: {limit:n})].",
    ),
    "ring_member": (
        "Uma das contas esteve no centro de um padrão de rede concluído antes[: {pattern:code}][, há {days:days}].",
        "One of the accounts was at the core of a ring pattern completed before[: {pattern:code}][, {days:days} ago].",
    ),
    "ring_neighbour": (
        "Uma das contas movimentou com quem esteve no centro de um padrão de rede[: {pattern:code}][, há {days:days}].",
        "One of the accounts dealt with one at the core of a ring pattern[: {pattern:code}][, {days:days} ago].",
    ),
    "source_missing": (
        "Uma fonte de sinais não respondeu e ficou fora da pontuação[: {source}].",
        "A source of signals did not answer and is not in the score[: {source}].",
    ),
    "forwarded_collection": (
        "A conta recebeu de muitos pagadores e repassa o dinheiro a poucas contas[: {count#pagador/pagadores}]"
        "[ em {hours:hours}][, somando {amount_cents:money}][, entre {accounts#conta/contas}].",
        "The account was paid by many payers and passes the money on to few[: {count#payer/payers}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][, among {accounts#account/accounts}].",
    ),
    "gather_scatter": (
        "A conta juntou o dinheiro de muitas e o espalha por muitas[: {count#movimentação/movimentações}]"
        "[ em {hours:hours}][, somando {amount_cents:money}][, entre {accounts#conta/contas}].",
        "The account gathered money from many and scatters it to many[: {count#movement/movements}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][, among {accounts#account/accounts}].",
    ),
    "layered": (
        "O dinheiro chega por uma cadeia de contas de passagem rápida[: {count#repasse/repasses}][ em {hours:hours}]"
        "[, somando {amount_cents:money}][, por {accounts#conta/contas}].",
        "The money comes through a chain of quick pass-through accounts[: {count#hop/hops}][ in {hours:hours}]"
        "[, {amount_cents:money} in total][, through {accounts#account/accounts}].",
    ),
    "scatter_gather": (
        "O dinheiro de uma conta foi espalhado por várias e se junta de novo nesta"
        "[: {count#movimentação/movimentações}][ em {hours:hours}][, somando {amount_cents:money}]"
        "[, entre {accounts#conta/contas}].",
        "One account's money was scattered over several and gathers again in this one[: {count#movement/movements}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][, among {accounts#account/accounts}].",
    ),
    "bipartite": (
        "As contas de um grupo pagam quase todas as de outro, e pouco fora dele[: {count#repasse/repasses}]"
        "[ em {hours:hours}][, somando {amount_cents:money}][, entre {accounts#conta/contas}].",
        "The accounts of one group pay nearly all of another, and little outside it[: {count#movement/movements}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][, among {accounts#account/accounts}].",
    ),
    "stack": (
        "Um grupo de contas paga outro, que repassa o dinheiro a um terceiro[: {count#repasse/repasses}]"
        "[ em {hours:hours}][, somando {amount_cents:money}][, entre {accounts#conta/contas}].",
        "A group of accounts pays another, which passes the money on to a third[: {count#movement/movements}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][, among {accounts#account/accounts}].",
    ),
    "opposite_bets": (
        "A conta aposta repetidamente contra uma mesma conta, em lados opostos do mesmo evento"
        "[: {count#aposta/apostas}][ em {hours:hours}][, somando {amount_cents:money}][, por {accounts#conta/contas}].",
        "The account bets time and again against one other account, on opposite sides of the same event"
        "[: {count#bet/bets}][ in {hours:hours}][, {amount_cents:money} in total][, by {accounts#account/accounts}].",
    ),
}

_RINGS: dict[str, tuple[str, str]] = {
    "ring_fan_in": (
        "Muitos pagadores enviam a uma mesma conta, que repassa o dinheiro[: {count#pagador/pagadores}]"
        "[ para a conta {id}][ em {hours:hours}][, somando {amount_cents:money}][ (limite: {limit:n})].",
        "Many payers send to one account, which passes the money on[: {count#payer/payers}][ to account {id}]"
        "[ in {hours:hours}][, {amount_cents:money} in total][ (limit: {limit:n})].",
    ),
    "ring_fan_out": (
        "Uma conta recebe e distribui a muitos destinatários[: {count#destinatário/destinatários}]"
        "[ a partir da conta {id}][ em {hours:hours}][, somando {amount_cents:money}][ (limite: {limit:n})].",
        "One account is paid and spreads the money to many recipients[: {count#recipient/recipients}]"
        "[ from account {id}][ in {hours:hours}][, {amount_cents:money} in total][ (limit: {limit:n})].",
    ),
    "ring_cycle": (
        "O dinheiro percorre um circuito fechado, em ordem de tempo[, com {count#conta/contas}][, em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "Money travels a closed circuit, in time order[, through {count#account/accounts}][, in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "ring_scatter_gather": (
        "O dinheiro de uma conta é espalhado e volta a se juntar em outra"
        "[, por {count#conta intermediária/contas intermediárias}][, em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "One account's money is scattered and gathered again in another"
        "[, through {count#account in between/accounts in between}][, in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "ring_gather_scatter": (
        "Uma conta junta o dinheiro de muitas e o espalha por muitas[: {count#conta/contas} nas pontas]"
        "[, em {hours:hours}][, somando {amount_cents:money}].",
        "One account gathers money from many and scatters it to many[: {count#account/accounts} at the ends]"
        "[, in {hours:hours}][, {amount_cents:money} in total].",
    ),
    "ring_bipartite": (
        "As contas de um grupo pagam quase todas as de outro[, entre {count#conta/contas}][, em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "The accounts of one group pay nearly all of another[, among {count#account/accounts}][, in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "ring_stack": (
        "O dinheiro passa de grupo em grupo de contas, camada após camada[, entre {count#conta/contas}]"
        "[, em {hours:hours}][, somando {amount_cents:money}].",
        "Money passes from group to group of accounts, layer after layer[, among {count#account/accounts}]"
        "[, in {hours:hours}][, {amount_cents:money} in total].",
    ),
    "ring_layered": (
        "O dinheiro atravessa uma cadeia de contas de passagem rápida[: {count#conta/contas}][, em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "Money runs through a chain of quick pass-through accounts[: {count#account/accounts}][, in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "ring_shared_means": (
        "Contas operadas com os mesmos meios (dispositivo ou identificador)[: {count#conta/contas}][ com {id}]"
        "[ em {days:days}].",
        "Accounts are run with the same means (device or identifier)[: {count#account/accounts}][ with {id}]"
        "[ in {days:days}].",
    ),
    "ring_opposite_bets": (
        "Contas ligadas apostam em lados opostos do mesmo evento[: {count#aposta/apostas}][ em {hours:hours}]"
        "[, somando {amount_cents:money}].",
        "Linked accounts bet on opposite sides of the same event[: {count#bet/bets}][ in {hours:hours}]"
        "[, {amount_cents:money} in total].",
    ),
    "ring_operator": (
        "Operadores aparentemente distintos se ligam por contas de arrecadação, dispositivos ou hospedagem"
        "[: {count#ligação/ligações}][ com {id}][ entre {operators}].",
        "Operators that look separate are joined by collection accounts, devices or hosting"
        "[: {count#link/links}][ with {id}][ between {operators}].",
    ),
    "ring_linked": (
        "Contas ligadas entre si por relações sem valor nem data[: {count#conta/contas}].",
        "Accounts are linked by relations without amount or date[: {count#account/accounts}].",
    ),
    "ring_alike": (
        "Contas começaram quase juntas e se comportam de modo igual: mesmos canais, valores totais parecidos e poucos"
        " contatos próprios[: {count#conta/contas}].",
        "Accounts began nearly together and behave alike: the same channels, like totals and few contacts of their own"
        "[: {count#account/accounts}].",
    ),
    "ring_together": (
        "Quantidade de contas parecidas entre si na rede[: {count#conta/contas}].",
        "Number of accounts of the ring that are like one another[: {count#account/accounts}].",
    ),
    "ring_size": (
        "Tamanho da rede[: {count#conta participante/contas participantes}~ acima do habitual][ (limite: {limit:n})].",
        "Size of the ring[: {count#member account/member accounts}~ above the usual][ (limit: {limit:n})].",
    ),
    "ring_joined": (
        "Contas da rede usam os mesmos dispositivos ou identificadores pessoais[: {count#conta/contas}].",
        "Accounts of the ring use the same devices or personal identifiers[: {count#account/accounts}].",
    ),
    "ring_repeats": (
        "A rede repete o comportamento em dias diferentes[: em {count#dia/dias}].",
        "The ring repeats its behaviour on different days[: on {count#day/days}].",
    ),
    "ring_speed": (
        "O dinheiro atravessa a rede rapidamente[: em {hours:hours}][, {share:share} do valor]"
        "[ (limite: {limit:n} h)].",
        "Money crosses the ring quickly[: in {hours:hours}][, {share:share} of the amount][ (limit: {limit:n} h)].",
    ),
    "ring_amount": (
        "Valor movimentado pela rede[: {amount_cents:money}~ acima do habitual][, em {count#transação/transações}].",
        "Amount moved by the ring[: {amount_cents:money}~ above the usual][, in {count#transaction/transactions}].",
    ),
    "ring_listed": (
        "Participantes ou meios da rede constam de listas de indicadores[: {count#registro/registros}][, como {id}].",
        "Members or means of the ring are on lists of indicators[: {count#entry/entries}][, such as {id}].",
    ),
    "hub_suppressed": (
        "Elemento em comum não considerado como ligação, por ser de uso geral[: {id}][, com {count#conta/contas}]"
        "[, com mais de {counterparties:n} contrapartes em 30 dias][ (limite: {limit#conta/contas})].",
        "Something in common was not counted as a link because it is in general use[: {id}]"
        "[, with {count#account/accounts}][, with more than {counterparties:n} counterparties in 30 days]"
        "[ (limit: {limit#account/accounts})].",
    ),
}

_ROLES: dict[str, tuple[str, str]] = {
    "role_organiser": (
        "Papel de organizador: controla ou recebe o resultado da rede[, {amount_cents:money}]"
        "[, por {count#ligação/ligações}][, de {payers#pagador/pagadores}][, a {payees#destinatário/destinatários}].",
        "Role of organiser: controls the ring or receives its proceeds[, {amount_cents:money}]"
        "[, through {count#link/links}][, from {payers#payer/payers}][, to {payees#recipient/recipients}].",
    ),
    "role_collector": (
        "Papel de arrecadador: recebe dos pagadores[, {payers#pagador/pagadores}][, {amount_cents:money}]"
        "[, em {hours:hours}].",
        "Role of collector: is paid by the payers[, {payers#payer/payers}][, {amount_cents:money}]"
        "[, in {hours:hours}].",
    ),
    "role_mule": (
        "Papel de conta laranja: empresta a conta ao repasse do dinheiro[, {share:share} repassado]"
        "[, {amount_cents:money}][, em {hours:hours}].",
        "Role of mule: lends the account to move the money[, {share:share} passed on][, {amount_cents:money}]"
        "[, in {hours:hours}].",
    ),
    "role_pass_through": (
        "Papel de passagem: recebe e repassa quase tudo[, {share:share} do valor][, {amount_cents:money}]"
        "[, em {hours:hours}].",
        "Role of pass-through: receives and passes on nearly all[, {share:share} of the amount]"
        "[, {amount_cents:money}][, in {hours:hours}].",
    ),
    "role_cash_out": (
        "Papel de saída: o dinheiro deixa a rede por esta conta[, {amount_cents:money}]"
        "[, em {count#transação/transações}].",
        "Role of cash-out: money leaves the ring through this account[, {amount_cents:money}]"
        "[, in {count#transaction/transactions}].",
    ),
    "role_victim": (
        "Papel de pagador, possível vítima: só envia dinheiro à rede[, {amount_cents:money}]"
        "[, em {count#transação/transações}].",
        "Role of payer, possibly a victim: only sends money to the ring[, {amount_cents:money}]"
        "[, in {count#transaction/transactions}].",
    ),
    "role_bridge": (
        "Papel de ponte: liga partes da rede que sem ela estariam separadas[, {count#ligação/ligações}].",
        "Role of bridge: joins parts of the ring that would be separate without it[, {count#link/links}].",
    ),
    "role_unknown": (
        "Papel não determinado pelos eventos disponíveis[, {count#evento/eventos}].",
        "Role not determined by the events at hand[, {count#event/events}].",
    ),
}

_OTHER: dict[str, tuple[str, str]] = {
    "unworded_code": (
        "Motivo registrado sem texto neste idioma[: código {id}][ ({params})].",
        "Reason recorded without words in this language[: code {id}][ ({params})].",
    ),
}

EVIDENCE_WORDS: dict[str, tuple[str, str]] = _SIGNALS | {"cycle": _SIGNALS["round_trip"]} | _RINGS | _ROLES | _OTHER
