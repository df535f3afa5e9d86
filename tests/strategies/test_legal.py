"""Requests that the standards allow though the page does not show them."""

import pytest
from lxml import etree
from planned_messages import IDS, sent

from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE, WS_ADDRESSING


@pytest.mark.parametrize(
    ("key", "uri", "marks"),
    [
        ("utws/logsAvailable/soap11", SOAP11_ENVELOPE, [None, "0", None]),
        ("utws/logsAvailable/soap12", SOAP12_ENVELOPE, [None, "0", "false", None]),
        ("partstream/SWServiceLogout/soap11", SOAP11_ENVELOPE, [None, "0", None]),
    ],
)
def test_optional_headers_add_one_block_that_need_not_be_understood(
    key: str, uri: str, marks: list[str | None]
) -> None:
    messages = sent(key, "optional_header")
    blocks = [etree.fromstring(each.request.body or b"").find(f"{{{uri}}}Header")[-1] for each in messages]
    assert [block.get(f"{{{uri}}}mustUnderstand") for block in blocks] == marks
    assert {block.tag for block in blocks[:-1]} == {"{urn:soapstone:unknown}SoapstoneUnknown"}
    assert (blocks[-1].tag, blocks[-1].text[:9]) == (f"{{{WS_ADDRESSING}}}MessageID", "urn:uuid:")
    assert {message.expectation for message in messages} == {"accept"}


def test_standard_media_type_is_sent_only_where_the_page_prints_another() -> None:
    messages = {key: sent(key, "standard_media_type") for key in IDS}
    assert [key for key, found in messages.items() if found] == ["mobileconnect/UserClientSessionLogRequest/soap12"]
    ((message,),) = [found for found in messages.values() if found]
    assert dict(message.request.headers)["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert message.expectation == "accept"
