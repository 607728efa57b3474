//! Whose word counts about a block that rules name and the model has an opinion of.

use super::out;
use crate::extract::Options;
use crate::extract::block::Boilerplate;
use crate::extract::rules::{Certainty, Finding, View};
use crate::extract::select::{SURE, Scores};
use crate::extract::sites::is_site_rule;

/// Below this many words the model, which learns from whole pages' words, is no judge: labels of
/// buttons and counters of an article are for the rules.
pub(super) const LABEL_WORDS: f32 = 5.0;

/// By block, whether rules leave it out whatever the model says.
pub(crate) fn settled(view: &View<'_>, findings: &[Finding], options: &Options, on_article: bool) -> Vec<bool> {
    if !on_article {
        return menus(view, findings);
    }
    out(view, findings.iter().filter(|finding| settles(view, finding, options)))
}

/// By block, whether it is a menu's on any page: the tag of an element around it says so, or two names do. Of the blocks of
/// wcxb-dev's pages that are no articles these are 27 in 100; gold has 1 word in 140 of theirs.
fn menus(view: &View<'_>, findings: &[Finding]) -> Vec<bool> {
    let mut names: Vec<Option<&str>> = vec![None; view.blocks.blocks.len()];
    let mut is_menu = vec![false; names.len()];
    for finding in findings.iter().filter(|finding| finding.kind == Boilerplate::Nav) {
        let Some((family @ ("word" | "role" | "tag"), _)) = finding.rule.split_once(':') else { continue };
        let known = names[finding.block].replace(&finding.rule);
        is_menu[finding.block] |= family == "tag" || known.is_some_and(|known| *known != *finding.rule);
    }
    is_menu
}

fn settles(view: &View<'_>, finding: &Finding, options: &Options) -> bool {
    finding.certainty == Certainty::Sure || is_unheard(finding, options) || is_label(view, finding)
}

/// Whether the model has nothing to say to a rule, on whatever page.
fn is_unheard(finding: &Finding, options: &Options) -> bool {
    is_site_rule(&finding.rule) || options.drop.contains(&finding.kind)
}

/// Whether a rule is of a label. Without elements, the company that a line keeps is a guess.
fn is_label(view: &View<'_>, finding: &Finding) -> bool {
    let is_guess = view.blocks.is_flat() && finding.rule.starts_with("after:");
    view.blocks.blocks[finding.block].measure.words < LABEL_WORDS && !is_guess
}

/// Whether the model's word counts more than the rule's. On pages that are no articles it does, for their calls,
/// dates and lists are content, unless a sure rule names what is content nowhere and the model is not sure.
pub(super) fn is_outweighed(view: &View<'_>, finding: &Finding, scores: &Scores, options: &Options) -> bool {
    let content = scores.content[finding.block];
    if scores.on_article {
        return !settles(view, finding, options) && content >= scores.level.outweighs();
    }
    let is_lesser = || content >= SURE || is_label(view, finding) || !is_content_nowhere(finding.kind);
    !is_unheard(finding, options) && (finding.certainty == Certainty::Witnessed || is_lesser())
}

/// Kinds that are no content of forums, shops and overviews either.
fn is_content_nowhere(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    matches!(kind, Paywall | Membership | Newsletter | FollowUs | AppInstall | Consent | Caption)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::level::Level;
    use crate::extract::rules::tests::viewed;

    /// Whether a rule of a certainty gives way about a line, given what the model says of the line and of the page.
    fn gives_way(line: &str, kind: Boilerplate, certainty: Certainty, content: f32, on_article: bool) -> bool {
        let html = format!("<p>{line}</p>");
        let finding = Finding { block: 0, kind, rule: "phrase:en:x".into(), certainty, marks_end: false };
        let (content, is_sure_article, level) = (vec![content], on_article, Level::Balanced);
        let scores = Scores { on_article, is_sure_article, content, level };
        viewed(&html, |view| is_outweighed(view, &finding, &scores, &Options::default()))
    }

    const APPEAL: &str = "Sign up for our weekly letter and never miss a ferry again";

    #[test]
    fn on_articles_sure_rules_hold_and_others_give_way_to_likely_text() {
        use Boilerplate::Newsletter;
        assert!(!gives_way(APPEAL, Newsletter, Certainty::Sure, 0.99, true));
        assert!(gives_way(APPEAL, Newsletter, Certainty::Witnessed, 0.6, true));
        assert!(!gives_way(APPEAL, Newsletter, Certainty::Witnessed, 0.4, true));
        assert!(!gives_way("Sign up here", Newsletter, Certainty::Witnessed, 0.9, true), "a label");
    }

    #[test]
    fn on_other_pages_sure_words_hold_of_what_is_content_nowhere_unless_the_model_is_sure() {
        let gives_way = |line, kind, certainty, content| gives_way(line, kind, certainty, content, false);
        assert!(!gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Sure, 0.7));
        assert!(gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Sure, 0.9), "the model is sure");
        assert!(gives_way(APPEAL, Boilerplate::Newsletter, Certainty::Witnessed, 0.1), "the rule is not");
        assert!(gives_way("260 followers", Boilerplate::FollowUs, Certainty::Sure, 0.1), "a label");
        assert!(gives_way(APPEAL, Boilerplate::Comments, Certainty::Sure, 0.1), "forums have them");
    }

    #[test]
    fn two_names_or_a_tag_make_a_menu_and_one_name_does_not() {
        let is_menu = |rules: &[&str], kind: Boilerplate| {
            let finding = |rule: &&str| Finding {
                block: 0,
                kind,
                rule: (*rule).into(),
                certainty: Certainty::Sure,
                marks_end: false,
            };
            viewed("<p>Fish and crabs</p>", |view| menus(view, &rules.iter().map(finding).collect::<Vec<_>>()))
        };
        assert_eq!(is_menu(&["word:menu"], Boilerplate::Nav), [false]);
        assert_eq!(is_menu(&["word:menu", "word:menu"], Boilerplate::Nav), [false], "the same");
        assert_eq!(is_menu(&["word:menu", "word:navbar"], Boilerplate::Nav), [true]);
        assert_eq!(is_menu(&["tag:nav"], Boilerplate::Nav), [true]);
        assert_eq!(is_menu(&["phrase:en:menu", "word:menu"], Boilerplate::Nav), [false], "what it says is no name");
        assert_eq!(is_menu(&["tag:form"], Boilerplate::Newsletter), [false]);
    }
}
