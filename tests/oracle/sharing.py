"""Who sees what: "The State decides who sees what", and nothing else does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """`role` is secretariat, focal_point, provider or public; `who` the State or organization."""

    role: str
    who: str = ""

    def __str__(self):
        return f"{self.role} {self.who}".strip()


def sees(reader, state, decision, today):
    """Whether a reader may see a State × provision. `decision` is the one in force, None if there
    is none. It applies to the past too, so it is held against today, not against the day asked for.
    """
    if reader.role == "secretariat" or (reader.role == "focal_point" and reader.who == state):
        return True
    if decision is None or (decision.until and decision.until < today):
        return False
    if decision.audience == "PUBLIC":
        return True
    if reader.role != "provider":
        return False  # "A focal point reads other States as the public does"
    return decision.audience == "PROVIDERS" or (
        decision.audience == "NAMED" and reader.who in decision.named
    )


def audience_shown(decision, today):
    """"Outsiders see the kind of audience, never the names"; no decision is RESTRICTED."""
    if decision is None or (decision.until and decision.until < today):
        return "RESTRICTED"
    return decision.audience
