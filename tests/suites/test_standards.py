"""The page of standards."""

from contracts.citations import documents
from contracts.requirements import catalogue
from suites.standards import PAGE, page


def test_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_page_counts_how_rows_were_read() -> None:
    told = page()
    assert f"Of {len(catalogue())} requirements " in told
    assert "Basic Profile 1.2 R1032, no attributes of SOAP's namespace on its elements (not seen)" in told
    assert all(f"\n| {each.name} | {each.title} |" in told for each in documents())
