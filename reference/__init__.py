"""The embedded reference target: all five services on one loopback port, conformant.

Faults are planted, and legal variations chosen, by name.
"""

from reference.catalogue import UnknownNameError, faults, variants
from reference.server import Running, Target, start

__all__ = ["Running", "Target", "UnknownNameError", "faults", "start", "variants"]
