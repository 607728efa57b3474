//! The parts of an extraction, one by one, for the benchmark `stages`.

use super::block::BlockId;
use super::features::Facts;
use super::lexicon::Memo;
use super::rules::View;
use super::select::{ARTICLE_LIKELY, ARTICLE_SURE, Asked, Question};
use super::sites::Apart;
use super::source::{Source, readable};
use super::{Extractor, decide, dom, metadata, segment};
use crate::page::Page;
use crate::render;
use std::hint::black_box;

impl Extractor {
    /// Hands each part of an extraction of a page to `timed`, with its name, in their order: whoever runs it has the
    /// clock, and may run it more than once. `rules`, `features` and `model` are of `decide`, and `render` makes a text
    /// file of what came out. What comes behind the decision has no part of its own. None where there is nothing to read
    /// in the page.
    #[doc(hidden)]
    pub fn stages(&self, page: &Page, timed: &mut dyn FnMut(&'static str, &mut dyn FnMut())) {
        timed("decode", &mut || drop(black_box(readable(page))));
        let Ok(html) = readable(page) else { return };
        timed("parse", &mut || drop(black_box(dom::parse(&html))));
        let Ok(document) = dom::parse(&html) else { return };
        timed("metadata", &mut || {
            drop(black_box(metadata::evidence(&document, page.url.as_ref(), page.fetched_at, self.options.detail)));
        });
        timed("segment", &mut || {
            drop(black_box(segment::segment_apart(&document, &Apart::default(), false)));
        });
        let Ok(source) = Source::read(&html, page) else { return };
        timed("decide", &mut || {
            // What the rules have heard is kept, and would cost nothing the second time.
            let memo = Memo::default();
            let view = View { memo: &memo, ..self.view(&source, page) };
            drop(black_box(decide::decide(&view, self.model.as_deref(), &self.options, None, Asked::Open)));
        });
        self.stages_of_decision(&source, page, timed);
        let article = self.extract(page).article;
        timed("render", &mut || drop(black_box(render::text(&article))));
    }

    fn stages_of_decision(
        &self,
        source: &Source<'_>,
        page: &Page,
        timed: &mut dyn FnMut(&'static str, &mut dyn FnMut()),
    ) {
        timed("rules", &mut || {
            let memo = Memo::default();
            drop(black_box(decide::by_rules(&View { memo: &memo, ..self.view(source, page) }, &self.options)));
        });
        let Some(model) = self.model.as_deref() else { return };
        let view = self.view(source, page);
        let (proposals, findings, main) = decide::by_rules(&view, &self.options);
        let (proposals, findings, options, by_rules) = (&proposals[..], &findings[..], &self.options, &main);
        let question = Question { proposals, findings, by_rules, options, asked: Asked::Open };
        let facts = Facts::gather(&view, proposals, &main);
        let likely = model.is_article(facts.page(), facts.page_words());
        let open = question.open(&view, likely > ARTICLE_LIKELY);
        let is_asked = |id: BlockId| question.is_asked(id, &open);
        let is_sure_article = likely > ARTICLE_SURE;
        timed("features", &mut || {
            let facts = Facts::gather(&view, proposals, &main);
            facts.each_row(&model.words, is_sure_article, is_asked, |_, row| {
                black_box(row);
            });
        });
        let mut rows: Vec<Vec<f32>> = Vec::new();
        facts.each_row(&model.words, is_sure_article, is_asked, |_, row| rows.push(row.to_vec()));
        timed("model", &mut || {
            let mut judge = model.judge(is_sure_article);
            rows.iter().for_each(|row| judge.push(row));
            drop(black_box(judge.finish()));
        });
    }
}
