"""How far another clock is from ours."""

from datetime import datetime, timedelta

from colporteur.doctor.finding import Finding, warning, well, wrong

_OFF, _FAR_OFF = timedelta(seconds=2), timedelta(seconds=30)
_SECOND, _NO_TIME = timedelta(seconds=1), timedelta()


def ahead(said: datetime, before: datetime, after: datetime) -> timedelta:
    """How far a Date of whole seconds, given between two of our moments, is from ours at least."""
    if said > after:
        return said - after
    return min(said + _SECOND - before, _NO_TIME)


def judge_clock(check: str, whose: str, ahead: timedelta) -> Finding:
    """How far another clock is from ours; ``ahead`` is negative where it is behind."""
    off = abs(ahead)
    said = f"{whose} is {off.total_seconds():.1f} s {'ahead of' if ahead > _NO_TIME else 'behind'} ours"
    cure = "Run chrony or systemd-timesyncd on both machines."
    if off >= _FAR_OFF:
        return wrong(check, f"{said}: editions leave at the wrong time, links end early.", cure)
    if off >= _OFF:
        return warning(check, f"{said}.", cure)
    return well(check, f"{whose} and ours agree.")
