"""Which family of pages a page belongs to, by what it prints and never by what a server answers."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from contracts.derive.samples import Sample
from contracts.derive.text import Text
from contracts.derive.words import listed, placeholder, type_of_value, type_of_word

_ROUTE: Final = re.compile(
    r"/(?:xml|json|jsv|csv|soap1[12])/(?:reply|oneway|syncreply|asynconeway)\b|/soap1[12]/?$", re.IGNORECASE
)
_SIGNS: Final[tuple[tuple[str, int, Callable[[str, Sequence[Sample]], bool]], ...]] = (
    ("asmx", 3, lambda _, samples: any(".asmx" in target.lower() for target in _targets(samples))),
    ("asmx", 2, lambda text, _: bool(re.search(r"\.asmx\b", text, re.IGNORECASE))),
    ("asmx", 2, lambda text, _: bool(re.search(r"sample SOAP 1\.[12] request and response", text))),
    ("asmx", 2, lambda text, _: "for a complete list of operations" in text),
    ("asmx", 1, lambda _, samples: any("soapaction" in sample.fields for sample in samples)),
    ("asmx", 3, lambda _, samples: prints_words(samples)),
    ("servicestack", 3, lambda _, samples: any(_ROUTE.search(target) for target in _targets(samples))),
    ("servicestack", 3, lambda text, _: bool(re.search(r"\bHTTP \+ (?:XML|SOAP\s?1[12]|JSON|JSV|CSV)", text))),
    ("servicestack", 3, lambda text, _: "To override the Content-type" in text),
    ("servicestack", 1, lambda text, _: "back to all web services" in text),
    ("servicestack", 2, lambda _, samples: any(_prints_values(sample) for sample in samples)),
)
"""Family, weight, sign: the boilerplate is printed in many languages, so that samples weigh as much as words."""

_ENOUGH: Final = 3


def family_of(text: Text, samples: Sequence[Sample]) -> str:
    """The family of a page; `narrative` for one that shows the signs of no other."""
    weights = {"asmx": 0, "servicestack": 0}
    for family, weight, sign in _SIGNS:
        if sign(text.content, samples):
            weights[family] += weight
    best = max(weights, key=lambda family: weights[family])
    return best if weights[best] >= _ENOUGH else "narrative"


def prints_words(samples: Sequence[Sample]) -> bool:
    """Whether the leaves of samples hold placeholder words of types for the most part."""
    texts = list(_leaf_texts(samples))
    words = [text for text in texts if type_of_word(text) or listed(text)]
    return len(words) >= 1 and len(words) * 2 > len(texts) and not any(text == "String" for text in texts)


def _prints_values(sample: Sample) -> bool:
    """Whether a sample is of a DataContract: default values, in a namespace of CLR types or ServiceStack's own."""
    root = sample.payload
    if root is None or not re.search(r"schemas\.(?:datacontract\.org/2004/07|servicestack\.net)", root.namespace):
        return False
    texts = list(_leaf_texts([sample]))
    return bool(texts) and all(text == "String" or type_of_value(text) for text in texts)


def _targets(samples: Sequence[Sample]) -> Iterator[str]:
    return (sample.head.path for sample in samples if sample.head is not None)


def _leaf_texts(samples: Sequence[Sample]) -> Iterator[str]:
    for sample in samples:
        root = sample.body or sample.root
        for node in () if root is None else root.walk():
            if not node.children and node.text:
                yield placeholder(node.text)
