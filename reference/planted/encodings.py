"""Faults in characters and encodings, and in what makes a document well-formed."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import replace

from reference.calls import RESPONSE, Call, at
from reference.http import Response
from reference.planted.making import is_fault, is_success, labelled, on_fault, on_success, with_body, with_field

# What the label says


def _with_charset(charset: str) -> Callable[[Response], Response]:
    def change(response: Response) -> Response:
        media_type = response.content_type.partition(";")[0]
        return replace(response, content_type=f"{media_type}; charset={charset}")

    return change


at(RESPONSE, "ascii_label_on_utf8")(on_success(_with_charset("us-ascii")))
at(RESPONSE, "unknown_charset_named")(on_success(_with_charset("x-service-default")))
at(RESPONSE, "latin1_label_on_utf8")(on_success(_with_charset("iso-8859-1")))
at(RESPONSE, "answers_in_xml_1_1")(
    on_success(with_body(lambda body: body.replace(b'version="1.0"', b'version="1.1"', 1)))
)
at(RESPONSE, "charset_of_fault_lies")(on_fault(_with_charset("utf-16")))
at(RESPONSE, "success_without_content_type")(on_success(labelled("")))
at(RESPONSE, "success_labelled_json")(on_success(labelled("application/json; charset=utf-8")))
at(RESPONSE, "success_labelled_octet_stream")(on_success(labelled("application/octet-stream")))
at(RESPONSE, "content_type_twice")(on_success(with_field("Content-Type", "text/html")))


@at(RESPONSE)
def gzip_not_asked_for(response: Response, call: Call) -> Response:
    """Compresses whatever the client said that it takes."""
    if not is_success(response):
        return response
    return replace(
        response, body=gzip.compress(response.body, mtime=0), fields=(*response.fields, ("Content-Encoding", "gzip"))
    )


@at(RESPONSE)
def zlib_called_gzip(response: Response, call: Call) -> Response:
    """Answers a client that takes gzip with the same compression in another wrapper, which is that of deflate."""
    if not call.request.takes_gzip or not is_success(response):
        return response
    coded = (*response.fields, ("Content-Encoding", "gzip"))
    return replace(response, body=zlib.compress(response.body), fields=coded)


# Bytes


def _in_utf16_without_mark(body: bytes) -> bytes:
    return body.decode().encode("utf-16-le")


def _in_surrogates(body: bytes) -> bytes:
    """Characters past U+FFFF as two surrogates of three bytes each, as Java and old databases write them."""

    def pair(match: re.Match[str]) -> str:
        code = ord(match.group()) - 0x10000
        return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))

    return re.sub("[\U00010000-\U0010ffff]", pair, body.decode()).encode("utf-8", "surrogatepass")


def _cut_in_half(body: bytes) -> bytes:
    """Loses the last byte of the first character that has two, as a buffer of fixed length does."""
    return re.sub(rb"([\xc3-\xdf])[\x80-\xbf]", rb"\1", body, count=1)


def _as_windows_1252(body: bytes) -> bytes:
    """Takes the bytes of UTF-8 for Windows-1252, and writes what it sees as UTF-8 once more."""
    return body.decode("cp1252", "replace").encode()


at(RESPONSE, "utf16_bytes_labelled_utf8")(on_success(with_body(_in_utf16_without_mark)))
at(RESPONSE, "surrogates_in_utf8")(on_success(with_body(_in_surrogates)))
at(RESPONSE, "character_cut_in_half")(on_success(with_body(_cut_in_half)))
at(RESPONSE, "text_encoded_twice")(on_success(with_body(_as_windows_1252)))
at(RESPONSE, "declaration_names_utf16")(
    on_success(with_body(lambda body: body.replace(b'encoding="utf-8"', b'encoding="utf-16"', 1)))
)
at(RESPONSE, "byte_order_mark_twice")(on_success(with_body(lambda body: "\ufeff\ufeff".encode() + body)))

# Well-formedness

at(RESPONSE, "nul_byte_at_the_end")(on_success(with_body(lambda body: body + b"\0")))
at(RESPONSE, "blank_line_before_declaration")(on_success(with_body(lambda body: b"\r\n" + body)))
at(RESPONSE, "warning_before_the_document")(
    on_success(
        with_body(
            lambda body: (
                b"<br />\n<b>Notice</b>:  Undefined index: secure in <b>service.php</b> on line <b>17</b>\n" + body
            )
        )
    )
)
at(RESPONSE, "footer_after_the_document")(on_success(with_body(lambda body: body + b"\n-- generated in 0.02 s")))
at(RESPONSE, "undeclared_entity")(on_success(with_body(lambda body: re.sub(rb"</", b"&nbsp;</", body, count=1))))
at(RESPONSE, "end_tag_in_another_case")(
    on_success(with_body(lambda body: re.sub(rb"</[\w:]+>\s*$", lambda match: match.group().upper(), body)))
)
at(RESPONSE, "attribute_repeated")(
    on_success(with_body(lambda body: re.sub(rb' (xmlns:\w+="[^"]*")', rb" \1 \1", body, count=1)))
)
at(RESPONSE, "attribute_without_quotes")(
    on_success(with_body(lambda body: re.sub(rb'="([^"]*)"', rb"=\1", body.partition(b"?>")[2], count=1)))
)
at(RESPONSE, "cdata_end_unescaped")(on_success(with_body(lambda body: body.replace(b"]]&gt;", b"]]>"))))
at(RESPONSE, "fault_cut_short")(on_fault(with_body(lambda body: body[:-8])))
at(RESPONSE, "fault_text_unescaped")(
    on_fault(with_body(lambda body: re.sub(rb"(<faultstring>|<soap:Text[^>]*>)", rb"\1value < 0 & more: ", body)))
)


@at(RESPONSE)
def processing_instruction_in_answer(response: Response, call: Call) -> Response:
    if not (is_success(response) or is_fault(response)):
        return response
    instruction = b'?><?xml-stylesheet type="text/xsl" href="/answer.xsl"?>'
    return replace(response, body=response.body.replace(b"?>", instruction, 1))


at(RESPONSE, "encoding_of_no_register")(
    on_success(with_body(lambda body: body.replace(b'encoding="utf-8"', b'encoding="utf8mb4"', 1)))
)
at(RESPONSE, "names_decoded_as_latin_1")(on_success(with_body(lambda body: body.decode("latin-1").encode())))
