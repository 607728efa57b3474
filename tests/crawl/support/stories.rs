//! The articles of the site: made up for these tests.

use std::fmt::Write;

/// One article.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    pub title: &'static str,
    /// The first paragraph.
    pub lead: &'static str,
    /// What it turns on.
    pub thing: &'static str,
    /// Who speaks.
    pub person: &'static str,
    /// A figure in it.
    pub number: u32,
}

pub const STORIES: &[Story] = &[
    Story {
        title: "Ferry to the northern islands returns after two winters",
        lead: "The ferry that links Harbourtown with the northern islands sailed again on Monday, two winters after a storm had broken its pier.",
        thing: "pier",
        person: "Captain Ilse Brandvold",
        number: 214,
    },
    Story {
        title: "Bakers rescue the old wheat of the valley",
        lead: "Three bakers in the Orrin valley have brought back a wheat that their grandparents grew and that no mill had ground for sixty years.",
        thing: "mill",
        person: "Baker Tomas Okonjo",
        number: 37,
    },
    Story {
        title: "School choir sings for a bridge and gets it",
        lead: "A choir of forty pupils has sung in every village along the river, and on Thursday the council paid for the footbridge they had asked for.",
        thing: "footbridge",
        person: "Choir leader Mirela Dunai",
        number: 40,
    },
    Story {
        title: "Night trains are full again, and the sleepers are short",
        lead: "Whoever wants a bed on the night train to the coast in July has to book in March, for the railway owns only ninety sleeping cars.",
        thing: "sleeping car",
        person: "Conductor Aylin Farrow",
        number: 90,
    },
    Story {
        title: "Beavers flood a golf course and win in court",
        lead: "A family of beavers may keep the dam with which it has flooded four holes of the Lindmoor golf course, a judge ruled on Friday.",
        thing: "dam",
        person: "Biologist Henrik Asante",
        number: 4,
    },
    Story {
        title: "City library lends out tools, and the drills are gone first",
        lead: "Since the spring the city library lends hammers, ladders and sewing machines beside its novels, and a waiting list has grown behind the drills.",
        thing: "tool room",
        person: "Librarian Paula Everdene",
        number: 610,
    },
    Story {
        title: "Old lighthouse gets a keeper after thirty years",
        lead: "For thirty years the lighthouse on Gannet Rock has worked alone, but since last week somebody lives below its lamp once more.",
        thing: "lamp",
        person: "Keeper Ronan Whitlock",
        number: 30,
    },
    Story {
        title: "Farmers plant hedges where fields had grown too wide",
        lead: "On the plain of Saltmere, where one field can be two miles wide, farmers have planted hedges this autumn for the first time in a generation.",
        thing: "hedge",
        person: "Farmer Greta Lindqvist",
        number: 18,
    },
    Story {
        title: "Small theatre sells its curtain to save its roof",
        lead: "The Tinsmiths' Theatre has cut its red velvet curtain into nine hundred pieces and sold every one of them to repair the roof.",
        thing: "roof",
        person: "Director Samir Valdane",
        number: 900,
    },
    Story {
        title: "Glacier gives back a plane that was lost in 1957",
        lead: "Hikers on the Morrow glacier have found the wing of a mail plane that vanished in a blizzard in the winter of 1957.",
        thing: "wing",
        person: "Ranger Elif Stromberg",
        number: 1957,
    },
    Story {
        title: "Tram drivers teach the city to wait ten seconds",
        lead: "Ten seconds longer at each stop, so reckon the tram drivers of Kelderby, would save the city more falls than any new handrail.",
        thing: "timetable",
        person: "Driver Oskar Nwosu",
        number: 10,
    },
    Story {
        title: "Village keeps its shop by running it in turns",
        lead: "When the last shop of Upper Fenwick closed, sixty households drew up a roster, and since then each of them stands behind the counter in turns.",
        thing: "counter",
        person: "Villager Joan Petrosyan",
        number: 60,
    },
    Story {
        title: "Astronomers count dark skies and find fewer than hoped",
        lead: "A survey of two hundred valleys has found only eleven in which the Milky Way still casts a shadow on a moonless night.",
        thing: "survey",
        person: "Astronomer Noor Castellan",
        number: 11,
    },
    Story {
        title: "Harbour crane becomes a nest for storks, and work moves over",
        lead: "The oldest crane of the harbour has stood still since April, because a pair of storks has built its nest on the tip of the boom.",
        thing: "crane",
        person: "Foreman Luca Brightwater",
        number: 2,
    },
];

impl Story {
    pub fn index(&self) -> usize {
        STORIES.iter().position(|story| story.lead == self.lead).unwrap()
    }

    pub fn path(&self) -> String {
        format!("/2026/11/story-{:02}.html", self.index())
    }

    /// `2026-11-01` and the days after it.
    pub fn date(&self) -> String {
        format!("2026-11-{:02}", self.index() + 1)
    }

    pub fn rfc2822(&self) -> String {
        format!("{:02} Nov 2026 09:30:00 +0000", self.index() + 1)
    }

    pub fn paragraphs(&self) -> Vec<String> {
        let Self { lead, thing, person, number, .. } = self;
        vec![
            (*lead).to_owned(),
            format!(
                "{person} had waited for that day longer than most. “People asked me about the {thing} every single \
                 week,” said {person}, “and for a long time I had nothing to tell them but that we were still counting \
                 on {number} of them to lend a hand.”"
            ),
            format!(
                "What looks simple today took years of letters, meetings and small repairs. The {thing} was measured \
                 twice, drawn three times and paid for in coins, and when the money ran out in the second winter it \
                 was the neighbours who went on without being asked."
            ),
            format!(
                "Not everybody is content. Some would rather have seen the {thing} left as it was, and they say so at \
                 every assembly; others find that {number} is a poor number for so much noise. The council wants to \
                 look at the accounts again before the summer comes."
            ),
            format!(
                "Until then the work goes on in the mornings, before the wind gets up. {person} has already made a \
                 list of what is still to be done, and the {thing} stands at the top of it."
            ),
        ]
    }

    /// The page as a news site builds it: menu, byline, newsletter box, related list, footer.
    pub fn page(&self) -> String {
        self.page_with(self.title, &self.date())
    }

    pub fn page_with(&self, title: &str, date: &str) -> String {
        let mut body = String::new();
        for (number, paragraph) in self.paragraphs().iter().enumerate() {
            writeln!(body, "<p>{paragraph}</p>").unwrap();
            if number == 1 {
                body.push_str(NEWSLETTER);
            }
        }
        let mut related = String::new();
        for other in STORIES.iter().filter(|other| other.index() != self.index()).take(4) {
            write!(related, "<li><a href=\"{}\">{}</a></li>", other.path(), other.title).unwrap();
        }
        format!(
            r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | The Harbour Courier</title>
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="og:site_name" content="The Harbour Courier">
<meta property="article:published_time" content="{date}T09:30:00Z"></head>
<body>
<header><nav><a href="/">Home</a> <a href="/news">News</a> <a href="/sport">Sport</a> <a href="/culture">Culture</a></nav></header>
<main><article>
<h1>{title}</h1>
<p class="byline">By <a rel="author" href="/staff/vera-holm">Vera Holm</a>, <time datetime="{date}T09:30:00Z">{date}</time></p>
<div class="article-body">
{body}</div>
</article>
<aside class="related"><h2>Related articles</h2><ul>{related}</ul></aside></main>
<footer><p>© 2026 The Harbour Courier. All rights reserved.</p></footer>
</body></html>"#
        )
    }

    /// The file that is expected of it.
    pub fn text(&self) -> String {
        format!("{}\n\n{}\n", self.title, self.paragraphs().join("\n\n"))
    }
}

const NEWSLETTER: &str = r#"<div class="newsletter-signup"><h3>Sign up for our newsletter</h3>
<p>Get the best stories of the week in your inbox.</p>
<form action="/subscribe"><input type="email" placeholder="Your email address"><button>Subscribe</button></form></div>
"#;
