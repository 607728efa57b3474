//! How items that know their depth and number make lists within lists.

/// A list that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// As the items say, which need not be one more than that of the list around it.
    pub(super) depth: u8,
    /// The number of its latest item, where it is ordered.
    pub(super) number: Option<u32>,
}

/// What an item does to the lists that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// How many are closed, innermost first.
    pub(super) closed: usize,
    /// The list that it goes on with; `None` where it begins one. Its own level is the last one in any case.
    pub(super) goes_on: Option<Level>,
}

/// The lists that are open, outermost first.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<Level>);

impl Lists {
    /// Takes the next item. It stands in the innermost list that is less deep, and goes on with the list of its own
    /// depth there, if that is of its kind, ordered or not. One that is shown again after a deeper one of which none
    /// is around goes on with that.
    pub(super) fn take(&mut self, depth: u8, number: Option<u32>) -> Step {
        let before = self.0.len();
        while self.0.len() > 1 && self.0[self.0.len() - 2].depth >= depth {
            self.0.pop();
        }
        let item = Level { depth, number };
        let goes_on = match self.0.last().copied() {
            Some(last) if last.depth < depth => {
                self.0.push(item);
                return Step { closed: before + 1 - self.0.len(), goes_on: None };
            }
            Some(last) => {
                self.0.pop();
                (last.number.is_some() == number.is_some()).then_some(last)
            }
            None => None,
        };
        let closed = before - self.0.len() - usize::from(goes_on.is_some());
        self.0.push(item);
        Step { closed, goes_on }
    }

    /// Closes all; gives how many there were.
    pub(super) fn close(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }

    /// How many are open.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_find_their_list_whatever_depths_are_left_out() {
        let mut lists = Lists::default();
        let mut take = |depth, number| {
            let step = lists.take(depth, number);
            (step.closed, step.goes_on.map(|level| level.depth), lists.len())
        };
        assert_eq!(take(2, None), (0, None, 1), "no list of depth 1 is there");
        assert_eq!(take(4, None), (0, None, 2));
        assert_eq!(take(3, None), (0, Some(4), 2), "beside the deeper one");
        assert_eq!(take(1, None), (1, Some(2), 1));
        assert_eq!(take(2, Some(1)), (0, None, 2));
        assert_eq!(take(2, None), (1, None, 2), "of another kind");
        assert_eq!(take(1, Some(2)), (2, None, 1));
    }
}
