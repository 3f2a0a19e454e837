"""Feeds as other programs write them: what we say of them, and nothing worse."""

from datetime import UTC, datetime

from colporteur.syndication.lint import lint_document

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:wfw="http://wellformedweb.org/CommentAPI/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
	xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel>
	<title>Un blog</title>
	<atom:link href="https://blog.example/feed/" rel="self" type="application/rss+xml" />
	<link>https://blog.example</link>
	<description>Encore un blog</description>
	<lastBuildDate>Thu, 19 Nov 2026 09:00:00 +0000</lastBuildDate>
	<language>fr-FR</language>
	<sy:updatePeriod>
	hourly	</sy:updatePeriod>
	<sy:updateFrequency>
	1	</sy:updateFrequency>
	<generator>https://wordpress.org/?v=6.9</generator>
<image>
	<url>https://blog.example/icon-32x32.png</url>
	<title>Un blog</title>
	<link>https://blog.example</link>
	<width>32</width>
	<height>32</height>
</image>
	<item>
		<title>L&#8217;été &#038; l&#8217;hiver</title>
		<link>https://blog.example/2026/11/ete/</link>
		<comments>https://blog.example/2026/11/ete/#respond</comments>
		<dc:creator><![CDATA[Amina]]></dc:creator>
		<pubDate>Thu, 19 Nov 2026 09:00:00 +0000</pubDate>
		<category><![CDATA[Saisons]]></category>
		<guid isPermaLink="false">https://blog.example/?p=42</guid>
		<description><![CDATA[<p>L&#8217;été fut long [&#8230;]</p>]]></description>
		<content:encoded><![CDATA[
<p class="wp-block">L&#8217;été &amp; <a href="https://blog.example/a">la suite</a>.</p>
<figure><img src="https://blog.example/a.jpg"
 srcset="https://blog.example/a,w=300.jpg 300w, https://blog.example/a.jpg 600w" alt=""></figure>
]]></content:encoded>
		<wfw:commentRss>https://blog.example/2026/11/ete/feed/</wfw:commentRss>
		<slash:comments>0</slash:comments>
	</item>
</channel>
</rss>
"""

BLOGGER = """<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href="http://www.blogger.com/styles/atom.css" type="text/css"?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:openSearch='http://a9.com/-/spec/opensearchrss/1.0/' xmlns:gd='http://schemas.google.com/g/2005' xmlns:thr='http://purl.org/syndication/thread/1.0'><id>tag:blogger.com,1999:blog-1</id><updated>2026-11-19T09:15:28.000-08:00</updated><category term="eau"/><title type='text'>Un blog</title><subtitle type='html'></subtitle><link rel='http://schemas.google.com/g/2005#feed' type='application/atom+xml' href='https://a.blogspot.example/feeds/posts/default'/><link rel='self' type='application/atom+xml' href='https://a.blogspot.example/feeds/posts/default'/><link rel='alternate' type='text/html' href='https://a.blogspot.example/'/><link rel='hub' href='http://pubsubhubbub.appspot.com/'/><link rel='next' type='application/atom+xml' href='https://a.blogspot.example/feeds/posts/default?start-index=26'/><author><name>Unknown</name><email>noreply@blogger.com</email><gd:image rel='http://schemas.google.com/g/2005#thumbnail' width='16' height='16' src='https://img1.blogblog.com/img/b16-rounded.gif'/></author><generator version='7.00' uri='http://www.blogger.com'>Blogger</generator><entry><id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-11-18T10:00:00.001-08:00</published><updated>2026-11-19T09:15:28.123-08:00</updated><title type='text'>L'eau &amp; le feu</title><content type='html'>&lt;p&gt;Du texte.&lt;/p&gt;</content><link rel='replies' type='application/atom+xml' href='https://a.blogspot.example/feeds/2/comments/default' title='Post Comments'/><link rel='edit' type='application/atom+xml' href='https://www.blogger.com/feeds/1/posts/default/2'/><link rel='self' type='application/atom+xml' href='https://www.blogger.com/feeds/1/posts/default/2'/><link rel='alternate' type='text/html' href='https://a.blogspot.example/2026/11/eau.html' title='L&apos;eau'/><author><name>Unknown</name></author><thr:total>0</thr:total></entry></feed>
"""

YOUTUBE = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
 <link rel="self" href="http://www.youtube.com/feeds/videos.xml?channel_id=UC1"/>
 <id>yt:channel:1</id>
 <yt:channelId>1</yt:channelId>
 <title>Une chaîne</title>
 <link rel="alternate" href="https://www.youtube.com/channel/UC1"/>
 <author><name>Une chaîne</name><uri>https://www.youtube.com/channel/UC1</uri></author>
 <published>2016-02-01T00:00:00+00:00</published>
 <entry>
  <id>yt:video:abc</id>
  <yt:videoId>abc</yt:videoId>
  <title>Une vidéo</title>
  <link rel="alternate" href="https://www.youtube.com/watch?v=abc"/>
  <author><name>Une chaîne</name><uri>https://www.youtube.com/channel/UC1</uri></author>
  <published>2026-11-18T10:00:00+00:00</published>
  <updated>2026-11-18T12:00:00+00:00</updated>
  <media:group>
   <media:title>Une vidéo</media:title>
   <media:content url="https://www.youtube.com/v/abc?version=3" type="application/x-shockwave-flash" width="640" height="390"/>
   <media:thumbnail url="https://i1.ytimg.com/vi/abc/hqdefault.jpg" width="480" height="360"/>
   <media:description>Un texte</media:description>
   <media:community><media:starRating count="10" average="5.00" min="1" max="5"/></media:community>
  </media:group>
 </entry>
</feed>
"""

PODCAST = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>À voix haute</title><link>https://pod.example/</link><language>fr</language>
<description>Des voix.</description>
<atom:link href="https://pod.example/rss" rel="self" type="application/rss+xml"/>
<itunes:image href="https://pod.example/art.jpg"/>
<item><title>1. Commencer</title><guid isPermaLink="false">2f6c0e6e-episode</guid>
<pubDate>Wed, 18 Nov 2026 06:00:00 GMT</pubDate><itunes:duration>12:30</itunes:duration>
<enclosure url="https://pod.example/1.mp3?a=1&amp;b=2" length="0" type="audio/mpeg"/></item>
</channel></rss>
"""


def said(text: str, url: str) -> list[tuple[str, bool]]:
    found = lint_document(text.encode(), feed_url=url, now=NOW)
    return sorted((one.rule, one.warning) for one in found)


def test_a_wordpress_feed_is_clean():
    assert said(WORDPRESS, "https://blog.example/feed/") == []


def test_a_blogger_feed_lacks_a_language():
    assert said(BLOGGER, "https://a.blogspot.example/feeds/posts/default") == [
        ("language-missing", True),
        ("xml-stylesheet", True),
    ]


def test_a_youtube_feed_lacks_updated_and_the_type_of_its_self_link():
    assert said(YOUTUBE, "http://www.youtube.com/feeds/videos.xml?channel_id=UC1") == [
        ("feed-updated-missing", False),
        ("language-missing", True),
        ("self-link-type", False),
    ]


def test_a_podcast_without_lengths_is_told():
    assert said(PODCAST, "https://pod.example/rss") == [
        ("enclosure-length-unknown", True),
        ("entry-id-not-uri", True),
        ("entry-link-missing", True),
    ]
