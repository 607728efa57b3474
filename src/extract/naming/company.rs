//! Names by the company that a block keeps: what its neighbours are, and most of what was left out with it.

use super::{Evidence, LEVELS, lacks_name, named_as, named_kind};
use crate::extract::block::{BlockId, BlockRole, Boilerplate};
use crate::extract::decide::Decision;
use crate::extract::rules::View;
use std::collections::HashMap;

/// Share of the words of an element that must be of one kind for it to speak for the others.
const MAJORITY: f32 = 0.5;

/// How many blocks away a neighbour's name counts.
const REACH: usize = 6;

/// Larger elements are no company.
const MOST_COMPANY: usize = 60;

/// Blocks without a name take that of the company they keep: of both neighbours, of what a heading
/// stands before, of most of the element that was left out whole with them.
pub(super) fn by_company(evidence: &Evidence<'_>, decisions: &mut [Decision]) {
    let view = evidence.view;
    let kinds: Vec<Option<Boilerplate>> = decisions.iter().map(named_kind).collect();
    for id in (0..decisions.len()).filter(|id| lacks_name(&decisions[*id])).collect::<Vec<_>>() {
        let found = evidence
            .by_neighbours(id, &kinds, decisions)
            .map(|kind| (kind, "beside"))
            .or_else(|| by_majority(view, evidence, id, &kinds).map(|kind| (kind, "among")));
        if let Some((kind, rule)) = found {
            decisions[id] = named_as(&decisions[id], kind, rule);
        }
    }
}

impl Evidence<'_> {
    /// The kind of the nearest named blocks on both sides, or, for a heading, of what follows it.
    fn by_neighbours(&self, id: BlockId, kinds: &[Option<Boilerplate>], decisions: &[Decision]) -> Option<Boilerplate> {
        let nearest = |way: &mut dyn Iterator<Item = BlockId>| {
            way.take(REACH).take_while(|near| decisions[*near] != Decision::Keep).find_map(|near| kinds[near])
        };
        let after = nearest(&mut (id + 1..kinds.len()));
        let before = nearest(&mut (0..id).rev());
        let is_heading = matches!(self.view.blocks.blocks[id].role, BlockRole::Heading(_));
        let is_its_heading = is_heading && kinds.get(id + 1).copied().flatten().is_some();
        after.filter(|kind| comes_in_groups(*kind) && (is_its_heading || after == before))
    }
}

/// The kind of most named words of the innermost element that was left out whole and holds any.
fn by_majority(
    view: &View<'_>,
    evidence: &Evidence<'_>,
    id: BlockId,
    kinds: &[Option<Boilerplate>],
) -> Option<Boilerplate> {
    let own = view.blocks.blocks[id].region;
    let mut lost = view.blocks.around(own).take_while(|region| !evidence.holds_kept[*region]).take(LEVELS);
    lost.find_map(|region| {
        let blocks = view.blocks.regions[region].blocks.clone();
        if blocks.len() > MOST_COMPANY {
            return None;
        }
        let mut words: HashMap<Option<Boilerplate>, f32> = HashMap::new();
        for other in blocks {
            *words.entry(kinds[other]).or_default() += view.blocks.blocks[other].measure.words.max(1.0);
        }
        let all: f32 = words.values().sum();
        let most = words.into_iter().find(|(_, words)| *words > MAJORITY * all);
        most.and_then(|(kind, _)| kind).filter(|kind| comes_in_groups(*kind))
    })
}

/// Whether blocks of a kind stand together, so that one among them is likely of it too. A line about the
/// author or a repeated paragraph says nothing of its neighbours.
pub(super) fn comes_in_groups(kind: Boilerplate) -> bool {
    use Boilerplate::*;
    !matches!(
        kind,
        HeadlineCopy
            | Hidden
            | Duplicate
            | Byline
            | Timestamp
            | ReadingTime
            | SourceAttr
            | Copyright
            | Dateline
            | Correction
            | AuthorBio
            | Tools
            | SkipLink
            | SocialEmbed
            | AmpJson
            | Unclassified
    )
}
