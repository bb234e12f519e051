"""What an account is linked to: whom one provider calls so by one claim, and by no other."""

from gis.errors import NotFound
from gis.settings import Settings


def link_to(settings: Settings, value: str | None) -> str | None:
    """What the register keeps for somebody of the provider; null for nobody.

    Args:
        settings: Say which provider, and by which claim.
        value: What that claim says of them.

    Raises:
        NotFound: No provider is set up.
    """
    known = (value or "").strip()
    if not known:
        return None
    if settings.oidc_issuer is None:
        raise NotFound("provider.none")
    return f"{_source(settings)}{known}"


def value_of(settings: Settings, link: str | None) -> str:
    """The claim's value alone; with its provider and claim where these are others than now."""
    return (link or "").removeprefix(_source(settings))


def _source(settings: Settings) -> str:
    return f"{settings.oidc_issuer} {settings.oidc_claim} "
