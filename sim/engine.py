"""The month: what happens, in order. Read this first.

Agents decide on what they can know at that moment: last month's outcomes, posted prices and their
own books. Within a phase all agents of a kind move at once. Each market goes through perceive,
decide, clear and settle.
"""

from __future__ import annotations

from sim.economy import conservation
from sim.economy.economy import Economy
from sim.economy.user_classes import named_decisions
from sim.month import books, capacity, energy, plans
from sim.month.failure import insolvency
from sim.month.labs import releases, research
from sim.month.labs.frontier import note_frontier
from sim.month.markets import chips, compute, forward_contracts, funding, tokens
from sim.results.record import Record


def month(economy: Economy, record: Record) -> None:
    """Run one month on all runs at once, check what is conserved, record it and move on.

    Raises InvariantError if money, chips, compute or energy do not balance, and RequestError if a
    class that the scenario names fails to decide.
    """
    with named_decisions(economy.calendar.label(economy.month)):
        _month(economy, record)


def _month(economy: Economy, record: Record) -> None:
    economy.ledger.begin_month(economy.calendar.label(economy.month))

    economy.parameters.apply(economy.month)  # 1 events: shocks begin and end
    economy.draw_luck()
    funding.begin(economy)
    forward_contracts.begin(economy)
    insolvency.resolve(economy)  #   who cannot pay restructures, then leaves; new labs enter
    before = conservation.take_stock(economy)

    energy.set_prices(economy)  # 2 gas and power by region
    energy.share_inputs(economy)  #   helium and memory to the highest margins

    capacity.mature(economy)  # 3 lines, sites and chips come due; old chips leave

    chips.trade(economy)  # 4 fabs produce, fleets order, orders are filled
    compute.trade(economy)  # 5 leases, own hours, the spot market

    research.research(economy)  # 6 hours are spent, software improves, runs accumulate
    releases.release(economy)  # 7 models come on sale, prices are posted
    tokens.trade(economy)  # 8 customers adopt, choose and use; labs serve

    books.close(economy)  # 9 every payment of the month is posted

    plans.make(economy)  # 10 expectations and plans for the next months
    books.pay_sites(economy)  #   what is being built is paid
    funding.fund(economy)  #   rounds, pledges, loans, payouts
    funding.close(economy)  #   savers close the circuit

    note_frontier(economy)
    compute_residual = conservation.check(economy, before)
    ledger_residual = economy.ledger.check()
    record.month(economy, ledger_residual, compute_residual)  # 11
    economy.month += 1


def run(economy: Economy, record: Record) -> None:
    """Run all months that are left."""
    while economy.month < economy.calendar.months:
        month(economy, record)
