"""HTML written as Markdown for people to change, where nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.cleaning import clean_html
from colporteur.articles.formats.as_markdown import markdown_of, same
from colporteur.articles.formats.records import article_html

WRITTEN = """## Un intertitre

Un **texte** avec un [lien](https://example.org/a?b=1&c=2), du *sens* et du `code`.

- un
- deux *trois*

1. et un
2. et deux

> Une citation
>
> de deux paragraphes.

---

![Une rose](https://example.org/rose.jpg)"""


def test_what_was_written_comes_back_as_it_was() -> None:
    assert markdown_of(clean_html(article_html(WRITTEN))) == WRITTEN


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Ceci *n’est pas* du gras, ni _cela_ &amp;copy; &lt;b&gt;</p>",
        "<p># Ni un titre</p><p>- Ni une liste</p><p>1. Non plus</p>",
        "<p>Un [mot](x) \\ et un `autre`<br>à la ligne</p>",
        '<p><a href="https://example.org/a(b)">x</a></p>',
        "<p>مقال <strong>عن</strong> الحكامة</p>",
    ],
)
def test_what_looks_like_markdown_is_not_taken_for_it(markup: str) -> None:
    text = markdown_of(clean_html(markup))
    assert text is not None
    assert same(clean_html(article_html(text)), clean_html(markup))


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tbody><tr><td>1</td></tr></tbody></table>",
        '<p lang="ar">ا</p><p><span dir="rtl">x</span></p>',
        "<figure><img src='https://x.example/a.jpg'><figcaption>A</figcaption></figure>",
        "<ul><li><p>un</p></li></ul>",
        "nu",
    ],
)
def test_what_markdown_would_lose_stays_html(markup: str) -> None:
    assert markdown_of(clean_html(markup)) is None


@given(st.lists(st.text(alphabet="aé *_`[]()<>#&-1.\\!~\n|", max_size=20), max_size=4))
def test_whatever_is_written_as_markdown_makes_the_same_html(said: list[str]) -> None:
    markup = clean_html(article_html("\n\n".join(said)))
    text = markdown_of(markup)
    assert text is None or same(clean_html(article_html(text)), markup)
