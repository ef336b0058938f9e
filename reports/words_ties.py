"""Words for links between operators and for sites that came back: code -> (Portuguese, English)."""

from __future__ import annotations

TIE_WORDS: dict[str, tuple[str, str]] = {
    "tie_collector": (
        "Mesma conta de arrecadação[: {id}][, usada por {count#operador/operadores}].",
        "The same collection account[: {id}][, used by {count#operator/operators}].",
    ),
    "tie_certificate": (
        "Mesmo certificado[: {id}][, em {count#site ou operador/sites ou operadores}].",
        "The same certificate[: {id}][, on {count#site or operator/sites or operators}].",
    ),
    "tie_host": (
        "Mesmo endereço de hospedagem[: {id}][, com {count#site ou operador/sites ou operadores}].",
        "The same hosting address[: {id}][, with {count#site or operator/sites or operators}].",
    ),
    "tie_means": (
        "Contas de arrecadação operadas pelo mesmo dispositivo ou identificador[: {id}]"
        "[, de {count#operador/operadores}].",
        "Collection accounts run from the same device or identifier[: {id}][, of {count#operator/operators}].",
    ),
    "tie_operator": (
        "Mesmo operador[: {id}][, com {count#site/sites}].",
        "The same operator[: {id}][, with {count#site/sites}].",
    ),
    "continuity_name": (
        "Nome semelhante[: {id} e {other}][, {share:share} iguais].",
        "A name like it[: {id} and {other}][, {share:share} alike].",
    ),
    "continuity_accounts": (
        "Contas que passaram de um site ao outro[: {count#conta/contas}][, {share:share} do menor].",
        "Accounts that use both sites[: {count#account/accounts}][, {share:share} of the smaller one].",
    ),
    "continuity_soon": (
        "Surgiu pouco depois do bloqueio[, em {days:days}].",
        "It appeared soon after the block[, within {days:days}].",
    ),
    "innocent_payment_company": (
        "Uma empresa de pagamentos pode arrecadar para vários operadores[; aqui, para {count:n}].",
        "A payment company may collect for several operators[; here for {count:n}].",
    ),
    "innocent_platform": (
        "Uma plataforma pode servir vários sites com um certificado[; aqui, {count:n}].",
        "A platform may serve several sites under one certificate[; here {count:n}].",
    ),
    "innocent_hosting": (
        "Uma empresa de hospedagem serve sites sem relação entre si[; aqui, {count:n}].",
        "A hosting company serves sites that have nothing to do with one another[; here {count:n}].",
    ),
    "innocent_service_desk": (
        "Um prestador de serviços pode operar contas de vários clientes[; aqui, de {count:n}].",
        "A service provider may run accounts of several clients[; here of {count:n}].",
    ),
    "innocent_name": (
        "Nomes de sites de apostas são parecidos entre si.",
        "Names of betting sites are alike.",
    ),
    "innocent_popular": (
        "Quem aposta usa vários sites ao mesmo tempo.",
        "People who bet use several sites at once.",
    ),
}
