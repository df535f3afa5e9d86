"""What the configuration allows to be sent to a target: operations, bindings, effects, defects and probes."""

from contracts.model import Binding, Operation
from suites.configuration import Budget, Target
from suites.plan import Item


def binding_not_allowed(operation: Operation, binding: Binding, target: Target | None) -> str:
    """Why nothing may be sent to an operation over a binding; empty if something may."""
    if target is None:
        return ""
    service = target.service
    if target.operations is not None and operation.name not in target.operations:
        return f"the configuration leaves {operation.name} of {service} out (operations)"
    if target.bindings is not None and binding.protocol not in target.bindings:
        return f"the configuration leaves {binding.protocol} of {service} out (bindings)"
    if not target.allows_effect(operation.effect):
        return f'the configuration does not allow {operation.name}, whose effect is "{operation.effect}" (effects)'
    return ""


def not_allowed(item: Item, target: Target | None, budget: Budget) -> str:
    """Why the configuration does not allow an item; empty if it does."""
    if target is None:
        return ""
    if item.goes_together and budget.at_once == 1:
        return f"the configuration does not allow two messages at once to {target.service} (rate = 2 would)"
    if item.is_probe and not target.allows_probes:
        return f"the configuration does not allow security probes to {target.service} (probes = true would)"
    if not item.is_unbroken and not item.is_probe and not target.allows_defects:
        return f"the configuration does not allow defective messages to {target.service} (defects = true would)"
    return binding_not_allowed(item.operation, item.binding, target)
