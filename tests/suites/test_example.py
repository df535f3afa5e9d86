"""Examples of requirements: each has one, and it is an exchange that the requirement is judged on."""

from contracts.loader import load_services
from suites.embedded import EmbeddedTarget
from suites.example import example_item, example_lines

SERVICES = load_services()
IDS = {
    each.id
    for service in SERVICES.values()
    for operation in service.operations.values()
    for binding in operation.bindings
    for each in operation.requirements(binding.protocol)
}


def test_every_requirement_has_an_example() -> None:
    assert {each for each in IDS if example_item(each, SERVICES) is None} == set()


def test_example_shows_what_is_sent_and_what_comes_back() -> None:
    with EmbeddedTarget() as embedded:
        mandatory, passive, probe = (
            list(example_lines(each, SERVICES, embedded.targets))
            for each in (
                "soap11/4.2.3/mandatory-header-is-rejected",
                "soap12/5.4.2/fault-reason-says-something",
                "security/cwe-918/witness-is-not-asked",
            )
        )
    assert any('mustUnderstand="1"' in line for line in mandatory)
    assert "    500 Internal Server Error" in mandatory
    assert any("Reason" in line for line in passive)
    assert any("<!ENTITY" in line for line in probe)


def test_example_without_a_target_shows_the_message_alone() -> None:
    lines = list(example_lines("parameters/17.13/extra-parameter-is-ignored", SERVICES, {}))
    assert any("SoapstoneUnknown=1" in line for line in lines)
    assert not any(line.startswith("answer") for line in lines)
