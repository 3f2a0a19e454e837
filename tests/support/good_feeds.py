"""Feeds that keep every rule, to break one at a time."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
URLS = {suffix: f"https://relais.example/feeds/a.{suffix}" for suffix in ("rss", "atom", "json")}

RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:fh="http://purl.org/syndication/history/1.0"><channel>
<title>Le Relais &amp; compagnie</title>
<link>https://relais.example/</link>
<description>Tout.</description>
<language>fr</language>
<lastBuildDate>Fri, 20 Nov 2026 07:00:00 +0000</lastBuildDate>
<ttl>60</ttl>
<atom:link href="https://relais.example/feeds/a.rss" rel="self" type="application/rss+xml"/>
<atom:link href="https://relais.example/hub" rel="hub"/>
<sy:updatePeriod>hourly</sy:updatePeriod>
<sy:updateFrequency>1</sy:updateFrequency>
<image><url>https://relais.example/i.png</url><title>Le Relais &amp; compagnie</title><link>https://relais.example/</link><width>88</width></image>
<item>
<title>Un &amp; deux</title>
<link>https://relais.example/un</link>
<description>Le &lt;em&gt;premier&lt;/em&gt;.</description>
<content:encoded>&lt;p&gt;&lt;a href="https://x.example/"&gt;Ici&lt;/a&gt;&lt;/p&gt;</content:encoded>
<guid isPermaLink="false">tag:relais.example,2026:1</guid>
<pubDate>Fri, 20 Nov 2026 07:00:00 +0000</pubDate>
<author>a@relais.example (Amina)</author>
<source url="https://other.example/feed">Autre</source>
<enclosure url="https://relais.example/un.mp3" length="1234" type="audio/mpeg"/>
<media:group><media:content url="https://relais.example/i.jpg" width="8" height="6" type="image/jpeg"><media:description>Un couloir</media:description></media:content></media:group>
</item>
<item>
<title>Deux</title>
<link>https://relais.example/deux</link>
<guid isPermaLink="false">tag:relais.example,2026:2</guid>
<pubDate>Thu, 19 Nov 2026 07:00:00 GMT</pubDate>
</item>
</channel></rss>
"""

ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="fr">
<id>tag:relais.example,2026:feed</id>
<title>Le Relais &amp; compagnie</title>
<updated>2026-11-20T07:00:00+00:00</updated>
<author><name>Le Relais</name></author>
<link href="https://relais.example/feeds/a.atom" rel="self" type="application/atom+xml"/>
<link href="https://relais.example/" rel="alternate" type="text/html"/>
<icon>https://relais.example/i.png</icon>
<logo>https://relais.example/l.png</logo>
<entry xml:lang="fr">
<id>tag:relais.example,2026:1</id>
<title>Un &amp; deux</title>
<published>2026-11-20T06:00:00Z</published>
<updated>2026-11-20T07:00:00.5+00:00</updated>
<author><name>Amina</name></author>
<link href="https://relais.example/un" rel="alternate" type="text/html" hreflang="fr"/>
<link href="https://relais.example/un.mp3" rel="enclosure" length="1234" type="audio/mpeg"/>
<summary>Le premier.</summary>
<content type="html">&lt;p&gt;&lt;img src="https://x.example/i.png"&gt;&lt;/p&gt;</content>
<category term="health" label="Santé"/>
<source><title>Autre</title><link href="https://other.example/feed"/></source>
</entry>
<entry>
<id>tag:relais.example,2026:2</id>
<title>Deux</title>
<updated>2026-11-19T07:00:00Z</updated>
<link href="https://relais.example/deux"/>
</entry>
<at:deleted-entry ref="tag:relais.example,2026:3" when="2026-11-20T07:00:00Z"><at:comment>Retiré.</at:comment></at:deleted-entry>
</feed>
"""

JSON = """{"version": "https://jsonfeed.org/version/1.1",
"title": "Le Relais & compagnie",
"home_page_url": "https://relais.example/",
"feed_url": "https://relais.example/feeds/a.json",
"next_url": "https://relais.example/feeds/a/1.json",
"language": "fr",
"hubs": [{"type": "WebSub", "url": "https://relais.example/hub"}],
"items": [{
"id": "tag:relais.example,2026:1",
"url": "https://relais.example/un",
"title": "Un & deux",
"content_html": "<p>Ici</p>",
"date_published": "2026-11-20T06:00:00Z",
"date_modified": "2026-11-20T07:00:00Z",
"authors": [{"name": "Amina"}],
"tags": ["Santé"],
"attachments": [{"url": "https://relais.example/un.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 1234}]
}, {
"id": "tag:relais.example,2026:2",
"url": "https://relais.example/deux",
"title": "Deux",
"content_text": "Le deuxième.",
"date_published": "2026-11-19T07:00:00Z"
}]}
"""

OPML = """<?xml version='1.0' encoding='UTF-8'?>
<opml version="2.0"><head><title>Le Relais</title></head><body>
<outline type="rss" text="Actualités" xmlUrl="https://relais.example/feeds/a.rss" htmlUrl="https://relais.example/" language="fr"/>
<outline text="Deux"/>
</body></opml>
"""

GOOD = {"rss": RSS, "atom": ATOM, "json": JSON, "opml": OPML}
