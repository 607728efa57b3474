//! How many bytes of bodies are in memory at a time.
//!
//! A body has its *share* from the head of its answer, which mostly says how long it is, until its page is dropped. Who
//! finds no room waits, and so does the host that sends. A body whose length nobody has said grows; where there is no room to
//! grow it takes the one *overdraft*, so that bodies which all wait for each other's room cannot stop each other. What is
//! held is at most the bound, and one body.

use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// What permits are counted in, bytes: bounds of some GiB fit into a semaphore's numbers.
const UNIT: u64 = 1024;

/// What a body of unknown length begins with, and grows by, bytes.
const STEP: u64 = 64 * 1024;

/// The room that all bodies share. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    free: Arc<Semaphore>,
    most: u32,
    overdraft: Arc<Mutex<()>>,
}

impl Memory {
    pub(super) fn new(most_bytes: u64) -> Self {
        let most = u32::try_from(most_bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).max(1);
        Self { free: Arc::new(Semaphore::new(most as usize)), most, overdraft: Arc::default() }
    }

    /// Waits for the room of a body that is announced to be so long.
    pub(super) async fn share(&self, announced: Option<u64>) -> Share {
        let wanted = self.units(announced.unwrap_or(STEP));
        // It is never closed.
        let permit = self.free.clone().acquire_many_owned(wanted).await.ok();
        Share { memory: Some(self.clone()), permit, overdraft: None }
    }

    /// A body that is longer than all there is gets all there is.
    fn units(&self, bytes: u64) -> u32 {
        u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.most)
    }
}

/// What a body has of the room; given back when it is dropped. The default is that of a fetcher without a bound.
#[derive(Debug, Default)]
pub(super) struct Share {
    memory: Option<Memory>,
    permit: Option<OwnedSemaphorePermit>,
    overdraft: Option<OwnedMutexGuard<()>>,
}

impl Share {
    /// Grows, where it is smaller than that, by a step at least.
    pub(super) async fn fit_at_least(&mut self, bytes: u64) {
        if self.lacks(bytes) > 0 {
            self.fit(bytes.max(self.bytes() + STEP)).await;
        }
    }

    /// Grows or shrinks.
    pub(super) async fn fit(&mut self, bytes: u64) {
        let Some(memory) = self.memory.clone() else { return };
        let lacking = self.lacks(bytes);
        if lacking == 0 {
            self.give_back(memory.units(bytes));
        } else if let Ok(more) = memory.free.clone().try_acquire_many_owned(lacking) {
            self.add(more);
        } else if self.overdraft.is_none() {
            tokio::select! {
                biased;
                Ok(more) = memory.free.clone().acquire_many_owned(lacking) => self.add(more),
                overdraft = memory.overdraft.clone().lock_owned() => self.overdraft = Some(overdraft),
            }
        }
    }

    /// The body with its share, which ends with the last clone of it.
    pub(super) fn kept_with(self, body: Bytes) -> Bytes {
        match self.memory {
            Some(_) => Bytes::from_owner(Held { body, _share: self }),
            None => body,
        }
    }

    fn units(&self) -> u32 {
        self.permit.as_ref().map_or(0, |permit| u32::try_from(permit.num_permits()).unwrap_or(u32::MAX))
    }

    fn bytes(&self) -> u64 {
        u64::from(self.units()) * UNIT
    }

    fn lacks(&self, bytes: u64) -> u32 {
        self.memory.as_ref().map_or(0, |memory| memory.units(bytes).saturating_sub(self.units()))
    }

    fn add(&mut self, more: OwnedSemaphorePermit) {
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
    }

    fn give_back(&mut self, wanted: u32) {
        let spare = self.units().saturating_sub(wanted);
        if let Some(permit) = &mut self.permit {
            drop(permit.split(spare as usize));
        }
        self.overdraft = None;
    }
}

/// A body and its share.
struct Held {
    body: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const KIB: u64 = 1024;

    async fn comes_soon<T>(waited_for: impl Future<Output = T>) -> Option<T> {
        timeout(Duration::from_secs(1), waited_for).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn body_waits_until_another_one_is_dropped() {
        let memory = Memory::new(100 * KIB);
        let first = memory.share(Some(60 * KIB)).await.kept_with(Bytes::from_static(b"first"));
        let again = first.clone();
        assert!(comes_soon(memory.share(Some(50 * KIB))).await.is_none());
        drop(first);
        assert!(comes_soon(memory.share(Some(50 * KIB))).await.is_none(), "a clone is the same body");
        assert_eq!(again, "first");
        drop(again);
        assert!(comes_soon(memory.share(Some(50 * KIB))).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn body_longer_than_all_room_waits_for_all_of_it_and_comes() {
        let memory = Memory::new(100 * KIB);
        let small = memory.share(Some(KIB)).await;
        assert!(comes_soon(memory.share(Some(KIB * KIB))).await.is_none());
        drop(small);
        assert!(comes_soon(memory.share(Some(KIB * KIB))).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn bodies_that_grow_cannot_stop_each_other_and_one_alone_exceeds_the_room() {
        let memory = Memory::new(128 * KIB);
        let (mut one, mut other) = (memory.share(None).await, memory.share(None).await);
        assert!(comes_soon(one.fit_at_least(100 * KIB)).await.is_some(), "the overdraft");
        assert!(comes_soon(one.fit_at_least(200 * KIB)).await.is_some(), "and more of it");
        assert!(comes_soon(other.fit_at_least(100 * KIB)).await.is_none());
        drop(one);
        assert!(comes_soon(other.fit_at_least(100 * KIB)).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn body_that_turns_out_shorter_gives_the_rest_back() {
        let memory = Memory::new(100 * KIB);
        let mut share = memory.share(Some(90 * KIB)).await;
        share.fit(10 * KIB).await;
        assert!(comes_soon(memory.share(Some(90 * KIB))).await.is_some());
        share.fit(20 * KIB).await;
        assert_eq!(share.bytes(), 20 * KIB);
    }
}
