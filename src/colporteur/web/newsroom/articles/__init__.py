"""The newsroom's articles: found, written, taken in, changed, and where they went."""

from colporteur.web.newsroom.articles.places import article_places

__all__ = ["article_places"]
