//! The elements around a block, followed from block to block.
//!
//! Blocks come in document order, so that the elements around them are a stack: each is pushed
//! once, and what it hands down to those within it is worked out once.

use super::CONTAINERS;
use super::sums::Sums;
use crate::extract::block::{Region, RegionId};
use crate::extract::dom::{Attr, Tag};
use crate::extract::rules::View;

/// How many sorts of ancestors are told apart: the fields `anc_*`, in their order.
pub(super) const ANCESTORS: usize = 21;

/// Fewest alike siblings that count as repeated.
const REPEATED: u32 = 3;

/// By how much a container must hold more blocks than the one before.
const GROWTH: f32 = 1.3;

/// An element around the block, with all that those above it hand down.
#[derive(Debug, Clone)]
pub(super) struct Step {
    region: RegionId,
    /// 1 for the body.
    pub(super) depth: u32,
    /// Depth of the nearest ancestor of each sort, itself included; 0 for none.
    pub(super) ancestors: [u16; ANCESTORS],
    /// The element around or here with the most alike siblings.
    pub(super) repeated: Option<RegionId>,
    pub(super) repeated_depth: u32,
    /// Steps up to the first element that holds the top element, and how far above it that stands.
    pub(super) top_up: u32,
    pub(super) top_level: u32,
    /// The best score of it and the three elements around it, as a share of the top's.
    pub(super) score_near: f32,
    pub(super) containers: [Option<RegionId>; CONTAINERS],
}

pub(super) struct Path<'a> {
    view: &'a View<'a>,
    sums: &'a Sums,
    steps: Vec<Step>,
    new: Vec<RegionId>,
}

impl<'a> Path<'a> {
    pub(super) fn new(view: &'a View<'a>, sums: &'a Sums) -> Self {
        Self { view, sums, steps: Vec::new(), new: Vec::new() }
    }

    /// Goes to the element that holds the next block.
    pub(super) fn go_to(&mut self, region: RegionId) -> &Step {
        let regions = &self.view.blocks.regions;
        let holds = |step: &Step| (step.region..regions[step.region].end).contains(&region);
        while self.steps.last().is_some_and(|step| !holds(step)) {
            self.steps.pop();
        }
        let known = self.steps.last().map(|step| step.region);
        self.new.clear();
        self.new.extend(self.view.blocks.around(region).take_while(|around| Some(*around) != known));
        while let Some(next) = self.new.pop() {
            let step = self.step(next);
            self.steps.push(step);
        }
        // The path holds at least the region that was just gone to.
        let last = self.steps.len() - 1;
        &self.steps[last]
    }

    fn step(&self, id: RegionId) -> Step {
        let region = &self.view.blocks.regions[id];
        let above = self.steps.last();
        let depth = self.steps.len() as u32 + 1;
        let mut ancestors = above.map_or([0; ANCESTORS], |above| above.ancestors);
        if let Some(sort) = sort(self.view, region) {
            ancestors[sort] = depth.min(u32::from(u16::MAX)) as u16;
        }
        let most = above.and_then(|above| above.repeated);
        let is_most =
            region.alike >= REPEATED && most.is_none_or(|most| region.alike >= self.view.blocks.regions[most].alike);
        let (repeated, repeated_depth) =
            if is_most { (Some(id), depth) } else { (most, above.map_or(0, |above| above.repeated_depth)) };
        let (top_up, top_level) = self.top(id, region);
        let near = self.steps.iter().rev().take(3).map(|step| self.sums.score(step.region));
        let score_near = near.fold(self.sums.score(id), f32::max);
        let containers = self.containers(id, region);
        Step { region: id, depth, ancestors, repeated, repeated_depth, top_up, top_level, score_near, containers }
    }

    fn top(&self, id: RegionId, region: &Region) -> (u32, u32) {
        let above = self.steps.last();
        let Some(top) = self.sums.top else { return (0, 0) };
        if (id..region.end).contains(&top) {
            let levels = self.view.blocks.around(top).take_while(|around| *around != id).count();
            return (0, levels as u32);
        }
        above.map_or((1, 0), |above| (above.top_up + 1, above.top_level))
    }

    /// The elements from here up that hold notably more blocks each than the one before.
    fn containers(&self, id: RegionId, region: &Region) -> [Option<RegionId>; CONTAINERS] {
        let count = |id: RegionId| self.view.blocks.regions[id].blocks.len();
        if let Some(above) = self.steps.last().filter(|_| region.blocks.len() < 2) {
            return above.containers;
        }
        let mut containers = [None; CONTAINERS];
        let (mut taken, mut last) = (0, 0.0);
        for around in std::iter::once(id).chain(self.steps.iter().rev().map(|step| step.region)) {
            let blocks = count(around) as f32;
            if blocks >= 2.0 && blocks > GROWTH * last {
                containers[taken] = Some(around);
                (taken, last) = (taken + 1, blocks);
                if taken == CONTAINERS {
                    break;
                }
            }
        }
        containers
    }
}

/// The sort of ancestor that an element is, by tag or role.
fn sort(view: &View<'_>, region: &Region) -> Option<usize> {
    use Tag::*;
    let by_tag = match region.tag {
        Article => 0,
        Main => 1,
        Section => 2,
        Aside => 3,
        Nav => 4,
        Header => 5,
        Footer => 6,
        Form => 7,
        Table => 8,
        Ul => 9,
        Ol => 10,
        Li => 11,
        Dl => 12,
        Figure => 13,
        Blockquote => 14,
        Details => 15,
        Dialog => 16,
        Noscript => 17,
        A => 18,
        Pre => 19,
        Button => 20,
        _ => return by_role(view.document.attribute(region.node, Attr::Role)?),
    };
    Some(by_tag)
}

fn by_role(role: &str) -> Option<usize> {
    Some(match role {
        "article" => 0,
        "main" => 1,
        "region" => 2,
        "complementary" => 3,
        "navigation" => 4,
        "banner" => 5,
        "contentinfo" => 6,
        "form" | "search" => 7,
        "table" => 8,
        "list" => 9,
        "listitem" => 11,
        "figure" => 13,
        "dialog" | "alertdialog" => 16,
        "button" => 20,
        _ => return None,
    })
}
