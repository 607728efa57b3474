//! The contract of the frontier, held against every store.
#![cfg(feature = "crawl")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failure that names its line")]

mod aliases;
mod copies;
mod hosts;
mod items;
mod polls;
mod store;

use gleaner::article::Verdict;
use gleaner::frontier::{Frontier, FrontierOptions, Host, Lease, Offer, Outcome, SqliteFrontier};
use jiff::Timestamp;
use std::path::Path;
use url::Url;

const LEASE_S: u32 = 60;

/// Runs each check of the contract against a fresh store of one kind.
macro_rules! contract {
    ($store:ident, $open:expr, $($room:ident :: $check:ident,)*) => {
        mod $store {
            $(#[tokio::test]
            async fn $check() {
                let folder = tempfile::tempdir().unwrap();
                super::$room::$check($open(folder.path())).await;
            })*
        }
    };
}

contract! {
    sqlite,
    super::open,
    items::offering_twice_is_one_item,
    items::finished_pages_stay_known,
    items::claims_one_per_host_and_none_of_a_host_at_work,
    items::claims_no_more_than_asked,
    items::claims_nothing_of_a_blocked_host_before_its_time,
    items::feeds_come_first_then_the_longest_due_then_the_first_offered,
    items::path_is_fixed_by_the_first_place,
    items::path_of_another_item_is_refused,
    items::retry_comes_back_at_its_time_with_one_more_attempt,
    items::success_forgets_earlier_attempts,
    items::abandoned_item_comes_back_at_once_uncounted,
    items::lease_that_ran_out_comes_back_and_its_late_holder_is_refused,
    items::feed_brings_validators_and_entries_together,
    items::unchanged_feed_keeps_its_validators,
    items::feeds_left_out_rest_until_named_again,
    items::feeds_become_due_at_once_on_demand,
    items::hints_of_the_first_offer_are_kept,
    items::standing_counts_and_names_the_next_moment,
    hosts::ill_host_rests_and_what_ails_it_is_kept,
    hosts::host_that_is_well_again_is_forgotten,
    hosts::ill_and_blocked_host_rests_until_both_are_over,
    hosts::uncounted_failure_is_no_attempt_but_a_failure,
    hosts::deferred_item_comes_back_as_it_was,
    hosts::forgiven_items_come_back_with_the_attempt_uncounted,
    hosts::forgiven_page_is_not_given_up,
    hosts::feed_that_moved_is_asked_on_its_new_host,
    hosts::moved_feed_that_was_left_out_is_asked_again_when_it_is_named,
    hosts::address_of_a_feed_stays_as_the_last_lease_left_it,
    aliases::page_written_under_its_redirects_end_is_known_there,
    aliases::page_that_waits_under_a_name_of_a_written_one_is_taken_off,
    aliases::page_led_to_a_written_one_is_the_same,
    aliases::canonical_name_of_another_title_joins_nothing,
    aliases::canonical_name_of_the_same_title_joins,
    aliases::page_at_work_under_the_name_decides_first,
    aliases::page_that_a_killed_run_may_have_written_decides_first,
    aliases::page_that_failed_gives_its_names_back,
    aliases::copy_that_is_found_is_final_and_known,
    polls::polling_stays_as_the_last_lease_left_it,
    polls::new_feed_waits_for_its_moment_and_a_known_one_does_not,
    polls::feeds_that_are_brought_forward_do_not_come_together,
    polls::feed_that_answers_is_due_at_the_latest_that_its_offer_names,
    polls::entry_that_was_written_is_known_under_another_url,
    polls::content_is_kept_until_the_page_is_finished,
    polls::old_page_is_known_and_fetched_only_where_another_feed_announces_it,
    polls::moments_beyond_the_latest_are_brought_back,
}

fn open(folder: &Path) -> SqliteFrontier {
    SqliteFrontier::open(&options(folder)).unwrap()
}

fn options(folder: &Path) -> FrontierOptions {
    FrontierOptions { store: folder.join("state/gleaner.db"), lease_s: LEASE_S }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn page(url: &str) -> Offer {
    Offer::page(Url::parse(url).unwrap())
}

fn feed(url: &str) -> Offer {
    Offer::feed(Url::parse(url).unwrap(), None)
}

fn host(name: &str) -> Host {
    Host::of(&Url::parse(&format!("http://{name}/")).unwrap())
}

fn urls(leases: &[Lease]) -> Vec<&str> {
    leases.iter().map(|lease| lease.url.as_str()).collect()
}

async fn claim_one(frontier: &impl Frontier, now: Timestamp) -> Lease {
    let mut leases = frontier.claim(1, now).await.unwrap();
    assert_eq!(leases.len(), 1, "one item is due");
    leases.remove(0)
}

fn written() -> Outcome {
    Outcome::Written { verdict: Verdict::Article, hash: "00".repeat(32) }
}
