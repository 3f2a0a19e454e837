"""The newsroom's reports: what became of editions, one and all."""

from colporteur.web.newsroom.reports.places import report_places

__all__ = ["report_places"]
