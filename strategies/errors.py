"""What the strategies refuse, by name, when they are built."""


class UnsupportedError(ValueError):
    """A schema construct that no strategy is written for; its text names the construct, and `where` its place.

    `where` is a path of local names below the message's root; empty where the construct stands in no message.
    """

    def __init__(self, construct: str, where: str = "") -> None:
        self.construct, self.where = construct, where
        super().__init__(f"{construct} at {where}" if where else construct)


class OneValidatorWarning(UserWarning):
    """lxml cannot compile a schema: xmlschema alone says which of its messages are valid."""


class UnsatisfiableError(UnsupportedError):
    """A schema construct that no message can satisfy: a type without values, a model without an end."""
