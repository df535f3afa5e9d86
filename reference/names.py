"""The namespaces and expanded names that the documentation pages and the standards print."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """An expanded name; `namespace` is empty for a name in no namespace."""

    namespace: str
    local: str

    @property
    def tag(self) -> str:
        """The name in the notation of lxml."""
        return f"{{{self.namespace}}}{self.local}" if self.namespace else self.local


XML = "http://www.w3.org/XML/1998/namespace"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
SOAP11_NEXT = "http://schemas.xmlsoap.org/soap/actor/next"

ADDRESSING = "http://www.w3.org/2005/08/addressing"

UTWS = "http://smarttech.com/webservices/UsageTracking/UTWS/v1"
ECGRIDOS = "https://os.ecgrid.io/"
SERVICESTACK = "http://schemas.servicestack.net/types"
SPIRIT_MESSAGES = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.Message.Sessions"
SPIRIT_SESSIONS = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.DomainModel.Sessions"
SSI_API = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api"
SSI_REQUESTS = f"{SSI_API}.Authentication.Requests"
SSI_RESPONSES = f"{SSI_API}.Authentication.Responses"

MSDATA = "urn:schemas-microsoft-com:xml-msdata"
DIFFGR = "urn:schemas-microsoft-com:xml-diffgram-v1"

XML_LANG = Name(XML, "lang")
XSI_NIL = Name(XSI, "nil")
