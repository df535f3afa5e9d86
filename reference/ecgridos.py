"""ECGridOS ReportInstantStats: statistics of a network over two spans of minutes, as a DataSet."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from reference import asmx
from reference.calls import Call
from reference.dataset import dataset
from reference.lexical import Value
from reference.names import ECGRIDOS, Name
from reference.reading import ASMX, members, number, read_members
from reference.refusals import Kind, Refusal
from reference.tree import Element

PATH = "/v4.1/prod/ECGridOS.asmx"
FORM_PATH = f"{PATH}/ReportInstantStats"

PARAMETERS = members(ECGRIDOS, SessionID="string", Minutes1="short", Minutes2="short")
COUNTERS = ("ParcelsIn", "ParcelsOut", "InterchangesIn", "InterchangesOut")
COLUMNS = tuple(f"{counter}{span}" for span in (1, 2) for counter in COUNTERS)


def _read(element: etree._Element, call: Call) -> Mapping[str, Value]:
    return read_members(element, PARAMETERS, call, laxity=ASMX)


def _statistics(parameters: Mapping[str, Value], call: Call) -> tuple[Element, ...]:
    """The DataSet: one row, a function of the minutes alone, so that all bindings agree."""
    if parameters["SessionID"] not in call.state.ecgridos_sessions:
        raise Refusal(Kind.BUSINESS, "Server was unable to process request. ---> Invalid SessionID.")
    row = {
        f"{counter}{span}": abs(number(parameters, f"Minutes{span}")) * (place + 1)
        for span in (1, 2)
        for place, counter in enumerate(COUNTERS)
    }
    return dataset(COLUMNS, [row])


def _result(parameters: Mapping[str, Value], call: Call) -> tuple[Element, ...]:
    return (Element(Name(ECGRIDOS, "ReportInstantStatsResult"), _statistics(parameters, call)),)


def _document(parameters: Mapping[str, Value], call: Call) -> Element:
    return Element(Name(ECGRIDOS, "DataSet"), _statistics(parameters, call))


REPORT_INSTANT_STATS = asmx.Operation(
    name=Name(ECGRIDOS, "ReportInstantStats"),
    soap_action=f"{ECGRIDOS}ReportInstantStats",
    read=_read,
    run=_result,
)
REPORT_INSTANT_STATS_BY_FORM = asmx.FormOperation(members=PARAMETERS, run=_document)
