"""Builds pages around the lines of the seeds: each as the site that it comes from would, in several dialects.

The lines come from the seeds' files alone; what stands here is markup, and the words of menus and buttons
that every site has. A dialect is how a site writes the same tree:

- `cms`: with the tags and class names of its content management system;
- `hashed`: with the hashed and utility classes of a build step;
- `breaks`: the same, with line breaks for paragraphs, as portals and aggregators have them;
- `bare`: with nameless containers for all but paragraphs, lists, links and fields, so that the text has to tell.

The head names title, site and type in all of them, as it does on real pages of the kind.

Only the standard library is needed.
"""

import hashlib
import json
from html import escape

BARE_TAGS = {"html", "head", "body", "h1", "p", "a", "img", "ul", "li", "input", "button", "br", "strong", "audio"}
"""Tags that are the same in every dialect; all others are `div` or `span` where markup is bare."""
INLINE_TAGS = {"span", "time", "label", "em"}
EMPTY_TAGS = {"img", "input", "br"}
HEADINGS = {"h2", "h3", "h4"}
UTILITIES = ("flex", "mt-4", "px-2", "text-sm", "w-full", "leading-6", "md:block", "gap-3")


class Dialect:
    """How a site writes a tag that is said as `tag.class.class#id`."""

    def __init__(self, name):
        self.name = name
        self.is_bare = name == "bare"

    def __call__(self, said, *children, **attributes):
        said, _, name = said.partition("#")
        tag, *classes = said.split(".")
        inner = "".join(children)
        if self.name == "cms":
            attributes = {"id": name, "class": " ".join(classes)} | attributes
        elif not self.is_bare:
            tag = "div" if tag in {"section", "aside"} else tag
            attributes = {"class": " ".join(map(hashed, classes))} | attributes
        elif tag in HEADINGS:
            tag, inner = "div", f"<strong>{inner}</strong>"
        elif tag not in BARE_TAGS:
            tag = "span" if tag in INLINE_TAGS else "div"
        if self.is_bare:
            attributes = {key: attributes[key] for key in ("href", "src", "type", "datetime") if key in attributes}
            attributes.pop("datetime", None)
        written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value)
        return f"<{tag}{written}>" if tag in EMPTY_TAGS else f"<{tag}{written}>{inner}</{tag}>\n"

    def text(self, said, *paragraphs):
        """An element with paragraphs of markup."""
        if self.name == "breaks":
            return self(said, "<br>\n<br>\n".join(paragraphs))
        return self(said, *(self("p", paragraph) for paragraph in paragraphs))

    def each(self, said, texts):
        """One element for each text."""
        return "".join(self(said, escape(text)) for text in texts)

    def links(self, said, texts, folder="/"):
        """One element with a link for each text."""
        return "".join(self(said, self("a", escape(text), href=folder + slug(text))) for text in texts)


def hashed(name):
    """What a build step makes of a class name, and a utility class beside it."""
    digest = hashlib.sha1(name.encode()).hexdigest()
    return f"css-{digest[:7]} {UTILITIES[int(digest, 16) % len(UTILITIES)]}"


def slug(text):
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return "-".join(words[:6])


def page(seed, dialect, site, body):
    """A whole document: head, the site's chrome, and the page's own markup."""
    d = dialect
    menu = d("ul.menu", d.links("li.menu-item", site["menu"], "/section/"))
    header = d("header.site-header", d("a.logo", escape(site["name"]), href="/"), d("nav.main-navigation", menu))
    foot = d("ul.footer-menu", d.links("li", ("About", "Contact", "Privacy policy", "Terms of use"), "/p/"))
    owner = d("div.copyright", f"© 2025 {escape(site['name'])}. All rights reserved.")
    inner = f"{seed.above(d)}{header}{body}{d('footer.site-footer', foot, owner)}"
    return f"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n{head(seed, d, site)}</head>\n<body>\n{inner}</body>\n</html>\n"


def head(seed, d, site):
    title = escape(seed.headline)
    lines = ['<meta charset="utf-8">', f"<title>{title} | {escape(site['name'])}</title>"]
    lines += [f'<meta property="og:title" content="{title}">', '<meta property="og:type" content="article">']
    lines += [f'<meta property="og:site_name" content="{escape(site["name"])}">']
    if d.name == "cms":
        data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": seed.headline}
        lines.append(f'<script type="application/ld+json">{json.dumps(data)}</script>')
    return "\n".join(lines) + "\n"


def aggregator(seed, d):
    """Seed 000: an aggregator that copies the story, and prints whole other articles below it."""
    after = seed.after
    # Such sites often strip the links of what they copy.
    label, _, rest = after["read_also"][0].partition(":")
    pointer = escape(rest.strip()) if d.is_bare else d("a", escape(rest.strip()), href="/article/" + slug(rest))
    lines = [*map(escape, seed.body), f"{escape(label)}: {pointer.strip()}", *map(escape, after["membership"])]
    content = d.text("div.article-body", *lines)
    tags = d("div.article-tags", d.each("h3", after["tags"]), d("ul.tags"))
    promo_title, *promo = after["event_promo"]
    buttons = "".join(d("button.ai-action", word, type="button") for word in ("Summarize", "Translate", "Listen"))
    promo = d("div.ai-panel", d("h3", escape(promo_title)), d.each("p", promo), d("div.ai-actions", buttons))
    comments_title, *comments = after["comments"]
    comments = d("div.comments#comments", d("h3", escape(comments_title)), d.each("div.comments-empty", comments))
    article = d("article.story", d("h1.story-title", escape(seed.headline)), content, tags, promo, comments)
    cards = "".join(story_card(d, card) for card in seed.embedded)
    related = d("section.related-feed", d.each("h2", after["related_list"]), cards)
    main = d("main.page", article, related)
    return page(seed, d, {"name": "Dayloop", "menu": ("Top stories", "World", "Business", "Technology", "Sports")}, main)


def story_card(d, lines):
    """Source, relative time, the source again as an item, headline, whole text."""
    source, age, item, headline, *text = map(escape, lines)
    item = item.removeprefix("- ")
    meta = d("div.card-meta", d("span.card-source", source), d("div.card-time", age), d("ul.card-labels", d("li", item)))
    title = headline if d.is_bare else d("a", headline, href="/article/" + slug(headline))
    more = d("button.card-more", "Show more", type="button")
    return d("div.story-card", meta, d("h2.card-title", title), "".join(d("div.card-text", part) for part in text), more)


def ghost(seed, d):
    """Seed 001: a Ghost theme with a member goal, a news feed and a stack of newsletter forms."""
    before, after = seed.before, seed.after
    picture = d("img.gh-image", src="/content/images/lead.jpg")
    caption = d("figure.gh-article-image", picture, d.each("figcaption", before["caption"]))
    audio = d("div.audio-player", d("audio", src="/audio.mp3"), d.each("span.audio-note", before["audio_ai_notice"]))
    header = d("header.gh-article-header", d("h1.gh-article-title", escape(seed.headline)), caption, audio)
    title, excerpt = map(escape, after["related_list"])
    card = d("div.kg-bookmark-content", d("div.kg-bookmark-title", title), d("div.kg-bookmark-description", excerpt))
    card = d("figure.kg-card.kg-bookmark-card", d("a.kg-bookmark-container", card, href="/" + slug(title)))
    content = d("section.gh-content", d.text("div.gh-canvas", *map(escape, seed.body)), card)
    *claim, ask = after["membership"]
    title = d("h2.goal-title", "<br>".join(map(escape, claim[:2])))
    button = d("a.goal-button", "Support us", href="#/portal/signup")
    goal = d("div.member-goal", title, d.each("p", claim[2:]), d("p.goal-ask", escape(ask)), button)
    article = d("article.gh-article", header, content, goal)
    heading, time, story, text = map(escape, after["ticker"])
    story = d("h3", d("a", story, href="/news-feed/1"))
    item = d("div.feed-item", d("time.feed-time", time), story, d("p", text))
    more, picks = after["most_read"]
    feed = d("section.news-feed", d("h2", heading), item, d("a.feed-more", escape(more), href="/news-feed"))
    picks = d("section.editors-picks", d("h2", escape(picks)), d("div.post-feed"))
    forms = d("section.newsletters", *(signup(d, lines) for lines in forms_of(after["forms"])))
    main = d("main.gh-main", article, feed, picks, forms)
    return page(seed, d, {"name": "The Harbour Ledger", "menu": ("News", "Investigations", "Opinion", "Video")}, main)


def forms_of(lines):
    """The lines of a stack of forms, cut before each second button: buttons are single words."""
    forms, has_button = [[]], False
    for line in lines:
        is_button = " " not in line
        if is_button and has_button:
            forms.append([])
        has_button = is_button or has_button
        forms[-1].append(line)
    return forms


def signup(d, lines):
    """A form of a mailing service: lead, field, note of required fields, button, messages."""
    parts = [d("input.required.email", type="email", name="EMAIL", placeholder="Email")]
    for line in lines:
        if " " not in line:
            parts.append(d("button.button", escape(line), type="submit"))
        elif line.startswith("*"):
            star = d("span.asterisk", "*").strip()
            parts.append(d("div.indicates-required", star, escape(line[1:])))
        else:
            parts.append(d("div.mc-field-group", escape(line)))
    return d("form.validate", *parts, action="/subscribe", method="post")


def wordpress(seed, d):
    """Seed 002: WordPress, with a list of links in the text and an appeal behind it."""
    standfirst, *body = seed.body
    heading, *items = seed.after["related_list"]
    items = [item.removeprefix("- ") for item in items]
    related = d("p", d("strong", escape(heading)).strip()) + d("ul.wp-block-list", d.links("li", items))
    ask, *appeal = seed.after["membership"]
    appeal = d.each("p", appeal)
    button = d("a.wp-block-button__link", "Become a patron", href="/patron")
    appeal = d("div.wp-block-group", d("h3.wp-block-heading", escape(ask)), appeal, d("div.wp-block-button", button))
    content = d("div.entry-content", d.text("div.entry-text", *map(escape, body)), related, appeal)
    share = d("div.sharedaddy", d("ul", *(d("li", d("a", word, href="?share")) for word in ("Facebook", "Telegram", "X"))))
    header = d("header.entry-header", d("h1.entry-title", escape(seed.headline)), d("p.entry-subtitle", escape(standfirst)))
    article = d("article.post", header, d("img.wp-post-image", src="/wp-content/uploads/lead.jpg"), content, share)
    recent = d("ul", d.links("li", ("Ferry strike enters second week", "What the tide gauges say", "A budget with a hole in it")))
    side = d("aside.widget-area", d("section.widget_recent_entries", d("h2.widget-title", "Recent Posts"), recent))
    site = {"name": "Eastshore Press", "menu": ("Politics", "Environment", "Economy", "Culture", "Support us")}
    return page(seed, d, site, d("div.site-content", d("main.site-main", article), side))


def portal(seed, d):
    """Seed 003: a portal's news system: name and role, a time stamp behind a bar, a box of what is read."""
    said = (escape(seed.byline), escape(seed.date))
    if d.is_bare:
        info = d("ul", *(d("li", line) for line in said))
    else:
        info = d("div.info-text", d("span.name", said[0]), d("span.stamp", said[1]))
    head = d("section.article-head-title", d("h1.heading", escape(seed.headline)), info)
    buttons = "".join(d("button.sns", word, type="button") for word in ("Facebook", "KakaoTalk", "Print"))
    content = d.text("div.article-view-content#article-view-content-div", *map(escape, seed.body))
    article = d("div.user-content", head, d("div.sns-tools", buttons), content)
    titles = ("Bus 14 Returns to the Old Bridge Route", "Three Hikers Found Safe Above Slate Lake", "College Opens Night Library")
    hot = d("div.auto-article", d.each("div.auto-title", seed.after["most_read"]), d("ul.auto-list", d.links("li", titles)))
    site = {"name": "Metro Herald", "menu": ("Politics", "Society", "Economy", "Culture", "Sports", "Metro")}
    return page(seed, d, site, d("div.user-container", article, d("aside.user-aside", hot)))


def agency(seed, d):
    """Seed 004: a news agency: the byline is the first line of the text, a notice to subscribers the last."""
    head = d("div.detail-head", d("h1", escape(seed.headline)))
    byline = d("strong", escape(seed.byline)).strip()
    content = d.text("div.detail-content", byline, *map(escape, seed.body))
    topics = d("div.keywords", d("span", "Related topics"), d.links("span.topic", ("Treaties", "Defense"), "/topic/"))
    ranks = ("Cable fault leaves two islands offline", "Chess world cup moves to Vessa", "Rail freight between ports grows")
    side = d("div.detail-side", d("h3", "Most read"), d("ul", d.links("li", ranks)))
    site = {"name": "Northwire", "menu": ("World", "Europe", "Economy", "Energy", "Science", "Sports")}
    return page(seed, d, site, d("main.detail", d("div.detail-left", head, content, topics), side))


BUILDS = {"000": aggregator, "001": ghost, "002": wordpress, "003": portal, "004": agency}
DIALECTS = {number: ("cms", "hashed", "bare") for number in BUILDS}
DIALECTS |= {number: ("cms", "hashed", "breaks", "bare") for number in ("000", "003", "004")}
HEADLINES = {"004": "Parliament votes to leave munitions treaty"}
"""For a seed that has none, and whose story no other seed has under one."""
