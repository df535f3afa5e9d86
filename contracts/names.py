"""Namespace URIs and qualified names, in one place. Qualified names are in Clark notation: `{uri}local`."""

from typing import Final

SOAP11_ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP11_ENCODING: Final = "http://schemas.xmlsoap.org/soap/encoding/"
SOAP11_ACTOR_NEXT: Final = "http://schemas.xmlsoap.org/soap/actor/next"
SOAP12_ENVELOPE: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP12_ENCODING: Final = "http://www.w3.org/2003/05/soap-encoding"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"
DIFFGRAM: Final = "urn:schemas-microsoft-com:xml-diffgram-v1"
MSDATA: Final = "urn:schemas-microsoft-com:xml-msdata"
SERIALIZATION: Final = "http://schemas.microsoft.com/2003/10/Serialization/"
WS_ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"

SOURCE: Final = "urn:soapstone:source"
"""Namespace of the attributes with which our XSDs note where each component comes from."""

XSI_NIL: Final = f"{{{XSI}}}nil"
XSI_TYPE: Final = f"{{{XSI}}}type"
XML_LANG: Final = f"{{{XML}}}lang"

ENVELOPE_NAMESPACE: Final = {"soap11": SOAP11_ENVELOPE, "soap12": SOAP12_ENVELOPE}
"""Envelope namespace of each SOAP binding."""

SOAP_ENCODINGS: Final = frozenset({SOAP11_ENCODING, SOAP12_ENCODING})
"""The encodings of SOAP's own, which are the namespaces of their types too."""


def local_name(tag: str) -> str:
    """The local part of a name in Clark notation."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """The namespace part of a name in Clark notation; the empty string for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
