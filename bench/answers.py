"""What the static target answers, and the OpenAPI description of the same operation."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

SOAP_PATH = "/utws.asmx"
JSON_PATH = "/logsAvailable"

_SESSION: Mapping[str, Any] = {
    "productID": 1,
    "version": "10.0.1",
    "osPlatform": 2,
    "osVersion": 10,
    "servicePack": "SP1",
    "osBits": 64,
    "architecture": 9,
    "langID": "en",
    "country": "GB",
    "locale": "en-GB",
}
_PUBLISHED: Mapping[str, Any] = {**_SESSION, "publish": "SummaryOnly", "publishUntil": 1_000_000}
_ACTIONS = ("Discard", "SummaryOnly", "Details")
_REPEATED = 0
"""Sessions in the answer. A fixed answer may publish none but those that every message asks about, which are none: with
any, half of the messages would be found at fault, while the other side of the comparison finds nothing."""


def soap_answer() -> bytes:
    """The documented SOAP 1.1 success response, as the page prints it, with the sessions that are published."""
    members = "".join(f"<{name}>{value}</{name}>" for name, value in _PUBLISHED.items())
    sessions = f"<SessionsToPublish>{members}</SessionsToPublish>" * _REPEATED
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<soap:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
        '<soap:Body><logsAvailableResponse xmlns="http://smarttech.com/webservices/UsageTracking/UTWS/v1">'
        f"<logsAvailableResult>{sessions}</logsAvailableResult></logsAvailableResponse></soap:Body></soap:Envelope>"
    ).encode()


def json_answer() -> bytes:
    """The same answer in JSON."""
    return json.dumps({"sessions": [_PUBLISHED] * _REPEATED}).encode()


def description() -> dict[str, Any]:
    """The same operation in OpenAPI: a POST of JSON, every member as the XSD types it."""
    published = {**_object(_SESSION)["properties"], "publish": {"type": "string", "enum": list(_ACTIONS)}}
    published["publishUntil"] = {"type": "integer", "format": "int64"}
    request = _closed({"apiVersion": _INT32, "sessions": _array(_object(_SESSION))}, ["apiVersion"])
    answer = _closed({"sessions": _array(_closed(published, list(published)))}, ["sessions"])
    operation = {
        "requestBody": {"required": True, **_content(request)},
        "responses": {"200": {"description": "The sessions to publish", **_content(answer)}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "UTWS", "version": "1"},
        "paths": {JSON_PATH: {"post": operation}},
    }


_INT32: Mapping[str, Any] = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}


def _object(sample: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object like the sample: numbers always there, strings not, as in the contract."""
    types = {name: _INT32 if isinstance(value, int) else {"type": "string"} for name, value in sample.items()}
    return _closed(types, [name for name, value in sample.items() if isinstance(value, int)])


def _closed(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _array(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _content(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
