//! Named moments at which a test lets the process die.
//!
//! Only in builds with debug assertions: in a release there is nothing of it but the empty function `point`, which the
//! compiler takes away. Nothing is armed unless somebody asks for it by `arm`; `gleaner` does where the variable
//! `GLEANER_CRASH_AT` names a moment (`placed`, or `placed:3` for the third time that it comes).

/// The moments, in the order in which an article meets them; then those of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Items are leased, in the store too.
    Claimed,
    /// A feed was read; nothing of it is saved.
    FeedFinishing,
    /// In the transaction of a poll: the entries are in, the validators are not.
    EntriesSaved,
    /// In the transaction of a poll: all is in, nothing is committed.
    PollSaved,
    /// A poll is committed, its worker does not know.
    FeedFinished,
    /// A page's other names are kept.
    United,
    /// A file's path is about to be fixed.
    Placing,
    /// The path is fixed, nothing is written.
    Placed,
    /// The raw pages stand in their places, their line does not.
    RawRenamed,
    /// The line of the raw pages is half written.
    RawLineTorn,
    /// The raw pages are listed, the text does not stand.
    RawListed,
    /// The temporary file is there, and empty.
    TemporaryMade,
    /// It holds the text, not synced.
    TemporaryWritten,
    /// It is synced, not renamed.
    TemporarySynced,
    /// The text stands in its place, the folder is not synced.
    Renamed,
    /// The folder is synced, the manifest knows nothing.
    FolderSynced,
    /// The manifest's line is half written.
    LineTorn,
    /// The line is whole, not synced.
    LineWritten,
    /// The line is synced, the store does not know.
    PageFinishing,
    /// In the transaction that ends a page: all is in, nothing is committed.
    PageSaved,
    /// The page's end is committed, its worker does not know.
    PageFinished,
    /// A repair has made a new store, which does not stand in its place.
    StoreRebuilt,
    /// The old store is kept aside, the new one does not stand in its place.
    StoreAside,
}

#[cfg(debug_assertions)]
mod armed {
    use super::Point;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    impl Point {
        /// All of them with their names.
        pub const ALL: &[(&'static str, Self)] = &[
            ("claimed", Self::Claimed),
            ("feed_finishing", Self::FeedFinishing),
            ("entries_saved", Self::EntriesSaved),
            ("poll_saved", Self::PollSaved),
            ("feed_finished", Self::FeedFinished),
            ("united", Self::United),
            ("placing", Self::Placing),
            ("placed", Self::Placed),
            ("raw_renamed", Self::RawRenamed),
            ("raw_line_torn", Self::RawLineTorn),
            ("raw_listed", Self::RawListed),
            ("temporary_made", Self::TemporaryMade),
            ("temporary_written", Self::TemporaryWritten),
            ("temporary_synced", Self::TemporarySynced),
            ("renamed", Self::Renamed),
            ("folder_synced", Self::FolderSynced),
            ("line_torn", Self::LineTorn),
            ("line_written", Self::LineWritten),
            ("page_finishing", Self::PageFinishing),
            ("page_saved", Self::PageSaved),
            ("page_finished", Self::PageFinished),
            ("store_rebuilt", Self::StoreRebuilt),
            ("store_aside", Self::StoreAside),
        ];
    }

    /// What is to happen, once in the life of the process.
    struct Armed {
        point: Point,
        /// How often the point is still passed.
        left: AtomicUsize,
        die: fn(),
    }

    static ARMED: OnceLock<Armed> = OnceLock::new();

    /// Has `die` called at the moment that `wanted` names, `name` or `name:count`; says whether it names one. To be
    /// called once, before anything else.
    pub fn arm(wanted: &str, die: fn()) -> bool {
        let (name, count) = wanted.split_once(':').unwrap_or((wanted, "1"));
        let found = Point::ALL.iter().find(|(known, _)| *known == name).map(|(_, point)| *point);
        let count = count.parse::<usize>().ok().and_then(|count| count.checked_sub(1));
        let Some((point, count)) = found.zip(count) else { return false };
        ARMED.set(Armed { point, left: AtomicUsize::new(count), die }).is_ok()
    }

    pub(super) fn meet(point: Point, last_act: impl FnOnce()) {
        if let Some(armed) = ARMED.get().filter(|armed| armed.point == point)
            && armed.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err()
        {
            last_act();
            (armed.die)();
        }
    }
}

#[cfg(debug_assertions)]
pub use armed::arm;

/// Dies here where a test wants it.
#[inline(always)]
pub(crate) fn point(point: Point) {
    point_after(point, || ());
}

/// Dies here where a test wants it, after a last act, such as half of a write.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "a release never dies on purpose"))]
#[inline(always)]
pub(crate) fn point_after(point: Point, last_act: impl FnOnce()) {
    #[cfg(debug_assertions)]
    armed::meet(point, last_act);
}
