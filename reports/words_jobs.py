"""Words for what link-analysis jobs find beyond the patterns that scoring knows too."""

from __future__ import annotations

JOB_WORDS: dict[str, tuple[str, str]] = {
    "shared_domain": (
        "Contas distintas que usam um mesmo site[: {count#conta/contas}][ no site {id}].",
        "Different accounts that use one site[: {count#account/accounts}][ on site {id}].",
    ),
    "structuring": (
        "A conta movimenta repetidamente valores pouco abaixo de um limite[ de {threshold_cents:money}]"
        "[: {count#movimentação/movimentações}][ em {hours:hours}][, somando {amount_cents:money}].",
        "The account moves sums just below a threshold again and again[, {threshold_cents:money}]"
        "[: {count#movement/movements}][ in {hours:hours}][, {amount_cents:money} in total].",
    ),
    "dormant_then_active": (
        "A conta ficou parada[ por {days:days}] e voltou a movimentar muito de uma vez"
        "[: {count#movimentação/movimentações}][, somando {amount_cents:money}].",
        "The account lay still[ for {days:days}] and then moved much at once"
        "[: {count#movement/movements}][, {amount_cents:money} in total].",
    ),
    "deposit_withdraw": (
        "A conta depositou[ {amount_cents:money}] e retirou o dinheiro quase sem apostar"
        "[: {share:share} de volta][, {bet_share:share} apostado][, em {hours:hours}].",
        "The account paid in[ {amount_cents:money}] and took the money out with hardly a bet"
        "[: {share:share} came back][, {bet_share:share} staked][, in {hours:hours}].",
    ),
    "upstream_of_blocked": (
        "A conta pagou várias contas bloqueadas[: {count#conta/contas}][, no total de {amount_cents:money}].",
        "The account paid several blocked accounts[: {count#account/accounts}][, {amount_cents:money} in total].",
    ),
    "flow_hop": (
        "O dinheiro seguido passou de uma conta a outra[, no salto {hop:n}][: {count#movimentação/movimentações}]"
        "[, somando {amount_cents:money}][, em {hours:hours}].",
        "The followed money went from one account to another[, in hop {hop:n}][: {count#movement/movements}]"
        "[, {amount_cents:money} in total][, in {hours:hours}].",
    ),
    "link_step": (
        "Elo entre duas contas[, o {hop:n}º do caminho][: {what:code}][ {id}].",
        "Link between two accounts[, number {hop:n} of the chain][: {what:code}][ {id}].",
    ),
    "domain_rotation": (
        "Sites que se sucedem: um some e o próximo aparece[: {count#site/sites}][ atrás de {id}][, em {days:days}].",
        "Sites that follow one another: one goes and the next appears[: {count#site/sites}][ behind {id}]"
        "[, in {days:days}].",
    ),
    "job_finding": (
        "Uma das contas está no centro do que uma análise de vínculos encontrou antes[: {what:code}][ ({job})].",
        "One of the accounts is at the core of what link analysis found before[: {what:code}][ ({job})].",
    ),
}
