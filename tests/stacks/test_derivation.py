"""Contracts derived from a genuine server's WSDL, and from its pages in two layouts, are the same contracts."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from contracts.derive.description import OperationDescription
from contracts.derive.drift import Drift, compare_sides, described_side
from contracts.derive.pages import Page, describe_pages
from contracts.derive.wsdl import describe_wsdl
from contracts.errors import ContractError

from .servers import Stack
from .variety import Published, published

NOT_SHOWN: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("not_on_pages.toml").read_text(encoding="utf-8")
)["difference"]
LEAST_OPERATIONS = 25
SUFFIXES = {"microsoft": "txt", "mono": "html"}

on_asmx = pytest.mark.parametrize("stack", ["asmx"], indirect=True)
in_each_layout = pytest.mark.parametrize("layout", list(SUFFIXES))


@pytest.fixture(scope="module")
def service(stack: Stack) -> Published:
    """What the genuine service publishes."""
    return published(stack)


@pytest.fixture(scope="module")
def from_wsdl(service: Published, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, OperationDescription]:
    """Each operation as the WSDL describes it."""
    file = tmp_path_factory.mktemp("wsdl") / "variety.wsdl"
    file.write_bytes(service.wsdl)
    description = describe_wsdl(str(file), service="variety")
    assert all("which forms spell otherwise than XML does" in each.problem for each in description.cautions)
    return {operation.name: operation for operation in description.operations}


def from_page(name: str, layout: str, content: bytes) -> OperationDescription:
    """The operation that a page describes."""
    description = describe_pages([Page(Path(f"{name}.{SUFFIXES[layout]}"), content)], "variety")
    assert [operation.name for operation in description.operations] == [name]
    return description.operations[0]


def differences(
    service: Published, layout: str, from_wsdl: Mapping[str, OperationDescription], folder: Path
) -> Iterator[Drift]:
    """Everything in which the contracts of a layout's pages and those of the WSDL differ."""
    for name, content in getattr(service, layout).items():
        if b"Runtime Error" in content:
            yield Drift("note", name, None, "no page", "nothing", "this operation")
            continue
        try:
            page = described_side(from_page(name, layout, content), folder / f"{name}-page")
        except ContractError as error:
            yield Drift("breaking", name, None, "nothing derived", str(error), "this operation")
        else:
            yield from compare_sides(page, described_side(from_wsdl[name], folder / f"{name}-wsdl"))


def is_meant(row: Mapping[str, Any], layout: str, found: Drift) -> bool:
    """Whether a row of the list speaks of a difference."""
    where = " ".join(filter(None, (found.protocol, found.where)))
    named = found.operation in row.get("operations", [found.operation])
    return layout in row["pages"] and named and re.match(row["where"], where) is not None


@on_asmx
def test_service_has_operations_enough(from_wsdl: Mapping[str, OperationDescription]) -> None:
    assert len(from_wsdl) >= LEAST_OPERATIONS


@on_asmx
@in_each_layout
def test_pages_and_wsdl_differ_only_in_what_no_page_shows(
    service: Published, layout: str, from_wsdl: Mapping[str, OperationDescription], tmp_path: Path
) -> None:
    found = list(differences(service, layout, from_wsdl, tmp_path))
    rows = [row for row in NOT_SHOWN if layout in row["pages"]]
    unlisted = [str(each) for each in found if not any(is_meant(row, layout, each) for row in rows)]
    assert unlisted == []
    unseen = [row["where"] for row in rows if not any(is_meant(row, layout, each) for each in found)]
    assert unseen == []


def test_every_row_of_the_list_gives_its_reason() -> None:
    for row in NOT_SHOWN:
        assert set(row) <= {"pages", "operations", "where", "reason"}, row
        assert set(row["pages"]) <= set(SUFFIXES), row
        assert row["reason"].strip(), row
