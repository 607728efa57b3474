//! Records come to their end in any order: here they are put back into that of the file, and it is known behind which
//! of them nothing is missing.

use crate::cli::batch::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a batch has been delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Through {
    /// All records up to this one are delivered, or need not be.
    pub(super) number: u64,
    /// Where reading would begin to come to it.
    pub(super) place: Place,
    /// Records behind it that are delivered too; none where the order was kept.
    pub(super) beyond: Vec<u64>,
}

impl Through {
    /// Nothing yet.
    pub(super) const NOTHING: Self = Self { number: 0, place: Place::START, beyond: Vec::new() };
}

/// A record that has come to its end, before it is delivered.
#[derive(Debug)]
pub(super) struct Done<T> {
    /// How many records were begun before it.
    pub(super) turn: u64,
    /// As messages name it.
    pub(super) number: u64,
    /// Where reading would begin to come to it.
    pub(super) place: Place,
    pub(super) product: T,
}

/// The records of a batch that have come to their end.
#[derive(Debug)]
pub(super) struct Order<T> {
    /// Whether they are delivered as they stand in the file.
    is_kept: bool,
    waiting: BTreeMap<u64, Done<T>>,
    /// Those delivered whose turn is later than that of one which is not: their numbers and places.
    ahead: BTreeMap<u64, (u64, Place)>,
    /// The first turn that is not delivered.
    next: u64,
    /// How many have come.
    came: u64,
    through: Through,
}

impl<T> Order<T> {
    /// None has come yet; a run before has delivered `through`.
    pub(super) fn new(is_kept: bool, through: Through) -> Self {
        Self { is_kept, waiting: BTreeMap::new(), ahead: BTreeMap::new(), next: 0, came: 0, through }
    }

    pub(super) fn push(&mut self, done: Done<T>) {
        self.came += 1;
        self.waiting.insert(done.turn, done);
    }

    /// What is to be delivered now, and counts as delivered.
    pub(super) fn pop(&mut self) -> Option<T> {
        if self.is_kept && !self.waiting.contains_key(&self.next) {
            return None;
        }
        let (turn, done) = self.waiting.pop_first()?;
        self.ahead.insert(turn, (done.number, done.place));
        while let Some((number, place)) = self.ahead.remove(&self.next) {
            (self.through.number, self.through.place) = (number, place);
            self.next += 1;
        }
        Some(done.product)
    }

    /// How many have come.
    pub(super) fn came(&self) -> u64 {
        self.came
    }

    /// How far everything is delivered.
    pub(super) fn through(&self) -> Through {
        let number = self.through.number;
        let before = self.through.beyond.iter().copied().filter(|beyond| *beyond > number);
        let beyond = before.chain(self.ahead.values().map(|(number, _)| *number)).collect();
        Through { number, place: self.through.place, beyond }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(turn: u64) -> Done<u64> {
        let number = 10 + 2 * turn;
        Done { turn, number, place: Place { offset: 100 * number, number }, product: number }
    }

    fn popped(order: &mut Order<u64>) -> Vec<u64> {
        std::iter::from_fn(|| order.pop()).collect()
    }

    #[test]
    fn records_wait_for_those_before_them() {
        let mut order = Order::new(true, Through::NOTHING);
        order.push(done(1));
        order.push(done(2));
        assert_eq!((popped(&mut order), order.through()), (vec![], Through::NOTHING));
        order.push(done(0));
        assert_eq!((popped(&mut order), order.came()), (vec![10, 12, 14], 3));
        let through = Through { number: 14, place: Place { offset: 1400, number: 14 }, beyond: vec![] };
        assert_eq!(order.through(), through);
    }

    #[test]
    fn without_order_what_is_missing_is_known() {
        let mut order = Order::new(false, Through::NOTHING);
        order.push(done(1));
        assert_eq!(popped(&mut order), [12]);
        order.push(done(3));
        assert_eq!(popped(&mut order), [16]);
        assert_eq!(order.through(), Through { beyond: vec![12, 16], ..Through::NOTHING });
        order.push(done(0));
        assert_eq!(popped(&mut order), [10]);
        assert_eq!((order.through().number, order.through().beyond), (12, vec![16]));
    }

    #[test]
    fn what_an_earlier_run_has_delivered_beyond_is_not_forgotten() {
        let earlier = Through { number: 9, beyond: vec![11, 40], ..Through::NOTHING };
        let mut order = Order::new(true, earlier.clone());
        assert_eq!(order.through(), earlier);
        order.push(done(0));
        order.push(done(1));
        popped(&mut order);
        assert_eq!((order.through().number, order.through().beyond), (12, vec![40]));
    }
}
