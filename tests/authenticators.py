"""A person with an authenticator, and the codes that it shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp

from services.accounts import totp
from services.actor import Actor, acting_as
from services.authentication_service import AuthenticationService


@dataclass
class Authenticator:
    """Counts as the person would wait: each code is of a later time step than the last one."""

    secret: str
    shown: int = field(default_factory=lambda: totp.present_step() - 2)

    def next(self) -> str:
        """A code that has not been shown yet and is good now or soon."""
        self.shown = max(self.shown + 1, totp.present_step() - 1)
        return self.at(self.shown)

    def at(self, step: int) -> str:
        return pyotp.TOTP(self.secret).generate_otp(step)

    def wrong(self) -> str:
        """Six digits that are no code within ten minutes of now."""
        here = totp.present_step()
        near = {self.at(step) for step in range(here - 20, here + 20)}
        return next(code for code in map("{:06d}".format, range(100)) if code not in near)


def set_up(person: Actor) -> Authenticator:
    """Set up and confirm an authenticator. Its first code is spent: two more are good now."""
    with acting_as(person):
        done, _, secret, wrong = AuthenticationService.setup_2fa(person.user_id)
        assert done, wrong
        made = Authenticator(secret.replace(" ", ""))
        assert AuthenticationService.confirm_2fa(person.user_id, made.next()) == (True, "")
    return made
