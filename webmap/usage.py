"""What is wrong with a command as typed, in one sentence of the operator's language."""

import click

from gis.i18n import translate


def usage_sentence(language: str, mistake: click.ClickException) -> str:
    """The sentence for a mistake that click found; it speaks only English itself."""
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context else "onemap"
    key, params = _said(mistake)
    return translate(language, f"usage.{key}", help=f"{command} --help", **params)


def _said(mistake: click.ClickException) -> tuple[str, dict[str, str]]:
    if isinstance(mistake, click.NoSuchOption):
        return "no_such_option", {"name": mistake.option_name}
    if isinstance(mistake, click.NoSuchCommand):
        return "no_such_command", {"name": mistake.command_name}
    if isinstance(mistake, click.MissingParameter):
        return "missing", {"name": _name(mistake)}
    if isinstance(mistake, click.BadParameter):
        return _bad_value(mistake)
    return "other", {"reason": mistake.format_message().rstrip(".")}


def _bad_value(mistake: click.BadParameter) -> tuple[str, dict[str, str]]:
    params = {"name": _name(mistake)}
    wanted = mistake.param.type if mistake.param else None
    match wanted:
        case click.IntRange(min=least, max=most) if most is not None:
            return "number_between", {**params, "least": str(least), "most": str(most)}
        case click.types.IntParamType() | click.types.FloatParamType():
            return "number", params
        case click.DateTime():
            return "date", params
        case click.Choice(choices=choices):
            return "choice", {**params, "choices": ", ".join(str(one) for one in choices)}
        case click.Path(file_okay=False):
            return "folder", params
        case click.Path():
            return "file", params
    return "value", {**params, "reason": mistake.message.rstrip(".")}


def _name(mistake: click.BadParameter) -> str:
    """An option as it is typed, an argument as the help shows it."""
    if isinstance(mistake.param, click.Option):
        return max(mistake.param.opts, key=len)
    return mistake.param.human_readable_name.upper() if mistake.param else ""
