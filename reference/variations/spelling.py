"""The spelling of XML: prefixes, encodings, quotes, white space, comments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference import names
from reference.calls import STYLE, Call, at
from reference.tree import Element
from reference.writing import Style

Payload = tuple[Element, ...]

OTHER_PREFIXES = {
    names.SOAP11: "SOAP-ENV",
    names.SOAP12: "env",
    names.XSI: "i",
    names.XSD: "xsd",
    names.MSDATA: "m",
    names.DIFFGR: "d",
    names.UTWS: "tns",
    names.ECGRIDOS: "tns",
    names.SERVICESTACK: "st",
    names.SPIRIT_MESSAGES: "ns0",
    names.SPIRIT_SESSIONS: "ns1",
    names.SSI_API: "ns0",
    names.SSI_RESPONSES: "ns1",
}

ONE_LETTER_PREFIXES = {
    names.SOAP11: "s",
    names.SOAP12: "s",
    names.XSI: "i",
    names.XSD: "x",
    names.UTWS: "a",
    names.ECGRIDOS: "a",
    names.SERVICESTACK: "b",
    names.SPIRIT_MESSAGES: "c",
    names.SPIRIT_SESSIONS: "d",
    names.SSI_API: "b",
    names.SSI_RESPONSES: "c",
}
"""The prefixes that WCF chooses."""


def _styled(**choices: object) -> Callable[[Style, Call], Style]:
    return lambda style, call: replace(style, **choices)  # type: ignore[arg-type]


at(STYLE, "other_prefixes")(_styled(prefixes=OTHER_PREFIXES))
at(STYLE, "default_namespaces")(_styled(prefixes={}))
at(STYLE, "redundant_declarations")(_styled(redundant_declarations=True))
at(STYLE, "byte_order_mark")(_styled(byte_order_mark=True))
at(STYLE, "utf16_answers")(_styled(encoding="utf-16"))
at(STYLE, "latin1_answers")(_styled(encoding="iso-8859-1"))
at(STYLE, "no_xml_declaration")(_styled(declaration=False))
at(STYLE, "cdata_sections")(_styled(cdata=True))
at(STYLE, "comments_between_elements")(_styled(comments=True))
at(STYLE, "indented_answers")(_styled(indented=True))
at(STYLE, "attributes_reversed")(_styled(attributes_reversed=True))
at(STYLE, "single_quoted_attributes")(_styled(quote="'"))
at(STYLE, "empty_elements_in_full")(_styled(empty_in_full=True))
at(STYLE, "one_letter_prefixes")(_styled(prefixes=ONE_LETTER_PREFIXES))
at(STYLE, "every_prefix_declared_at_the_top")(_styled(prefixes=OTHER_PREFIXES, declared_at_root=True))
at(STYLE, "default_namespace_declared_anew")(_styled(default_declared_anew=True))
at(STYLE, "utf16_big_endian_answers")(_styled(encoding="utf-16-be", encoding_label="utf-16", byte_order_mark=True))
at(STYLE, "ascii_answers")(_styled(encoding="us-ascii"))
at(STYLE, "references_beyond_ascii")(_styled(references_beyond_ascii=True))
at(STYLE, "encoding_named_in_upper_case")(_styled(encoding_label="UTF-8"))
at(STYLE, "standalone_declaration")(_styled(standalone="yes"))
at(STYLE, "declaration_in_single_quotes")(_styled(declaration_quote="'"))
at(STYLE, "line_ends_of_windows")(_styled(indented=True, line_end="\r\n", indent="\t", after="\r\n"))
at(STYLE, "trailing_newlines")(_styled(after="\n\n"))
at(STYLE, "blanks_in_tags")(_styled(blanks_in_tags=True))
at(STYLE, "empty_tags_without_blank")(_styled(blank_in_empty_tags=False))
at(STYLE, "text_half_in_cdata")(_styled(cdata_in_part=True))
at(STYLE, "comments_in_text")(_styled(comments_in_text=True))
at(STYLE, "comments_around_the_document")(_styled(before="<!-- begun -->\n", after="\n<!-- served by node 3 -->\n"))
at(STYLE, "style_sheet_before_the_document")(_styled(before='<?xml-stylesheet type="text/xsl" href="/answer.xsl"?>'))
