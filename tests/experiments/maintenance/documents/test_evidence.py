"""Cited ids lead to what they stand for."""

from __future__ import annotations

from experiments.maintenance.documents import evidence
from sim.config.evidence import load_evidence

KNOWN, OTHER = list(load_evidence())[:2]


def test_every_row_stands_on_the_page_where_links_lead() -> None:
    page = evidence.page()
    for identifier, row in load_evidence().items():
        assert page.count(f"({evidence.target(identifier)})=\n`{identifier}`\n: ") == 1
        assert f"## {row.source[:1]}" in page


def test_a_citation_becomes_links() -> None:
    first, second = (f"[{name}](#evidence-{name})" for name in (KNOWN, OTHER))
    assert evidence.linked(f"So it is [{KNOWN},\n{OTHER}].") == f"So it is [{first}, {second}]."


def test_a_misspelt_id_in_a_citation_becomes_a_link_that_leads_nowhere() -> None:
    assert "(#evidence-no-such-id)" in evidence.linked(f"[{KNOWN}, no-such-id]")


def test_other_brackets_links_and_code_stay() -> None:
    page = f"[a] [b](c.md) [{KNOWN}](x.md)\n\n```toml\n[{KNOWN}]\n```\n"
    assert evidence.linked(page) == page


def test_sources_that_are_no_evidence_stay_as_they_are() -> None:
    assert evidence.link("obs:h100_price/H100/2022-12-31") == "obs:h100_price/H100/2022-12-31"
    assert evidence.link(KNOWN) == f"[{KNOWN}](#evidence-{KNOWN})"
