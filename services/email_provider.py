"""The ways of sending mail, by the names under which the settings know them."""

from __future__ import annotations

from typing import Any

from services.errors import Invalid
from services.mail.limiter import EmailRateLimiter
from services.mail.provider import EmailProvider, SentMail
from services.mail.sendgrid import SendGridProvider
from services.mail.smtp import SMTPProvider

__all__ = [
    "EmailProvider",
    "EmailProviderFactory",
    "EmailRateLimiter",
    "SMTPProvider",
    "SendGridProvider",
    "SentMail",
]

_PROVIDERS: dict[str, type[SendGridProvider] | type[SMTPProvider]] = {
    "sendgrid": SendGridProvider,
    "smtp": SMTPProvider,
}


class EmailProviderFactory:
    """Makes a provider out of what the settings say."""

    @staticmethod
    def create_provider(provider_type: str, config: dict[str, Any]) -> EmailProvider:
        """``config`` holds the arguments of the provider's constructor.

        Raises
        ------
        Invalid
            If there is no such provider, or an argument is missing or unknown.
        """
        provider = _PROVIDERS.get(provider_type)
        if provider is None:
            known = " and ".join(_PROVIDERS)
            raise Invalid(f"There is no mail provider “{provider_type}”; there are {known}.")
        try:
            return provider(**config)
        except TypeError as error:
            raise Invalid(f"The mail provider {provider_type} is not set up well.") from error
