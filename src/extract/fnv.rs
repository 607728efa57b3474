//! FNV-1a: the hashes by which the model knows words (32 bits), and by which texts of a page are told apart (64 bits).
//! A unit is a byte, or a character where nothing outside the program reads the hash. And the maps and sets that hash
//! fast, without anybody seeing the hashes.

/// A map for the inner loops: `foldhash` costs a fraction of the standard library's SipHash, and its seed is another
/// one in each map and each process, so that a page cannot be written whose keys collide. `FastMap::default()`.
pub(crate) type FastMap<K, V> = foldhash::HashMap<K, V>;

/// The same for sets.
pub(crate) type FastSet<T> = foldhash::HashSet<T>;

/// What a hash of 32 bits begins with.
pub(crate) const START_32: u32 = 0x811c_9dc5;

/// What a hash of 64 bits begins with.
pub(crate) const START_64: u64 = 0xcbf2_9ce4_8422_2325;

/// Adds a unit.
pub(crate) fn step_32(hash: u32, unit: u32) -> u32 {
    (hash ^ unit).wrapping_mul(0x0100_0193)
}

/// Adds a unit.
pub(crate) fn step_64(hash: u64, unit: u64) -> u64 {
    (hash ^ unit).wrapping_mul(0x0100_0000_01b3)
}

/// The hash of bytes in pieces, as if they stood in one.
pub(crate) fn pieces_32(pieces: &[&str]) -> u32 {
    let piece = |hash, piece: &&str| piece.bytes().fold(hash, |hash, byte| step_32(hash, u32::from(byte)));
    pieces.iter().fold(START_32, piece)
}

/// The hash of bytes.
pub(crate) fn bytes_64(bytes: &[u8]) -> u64 {
    bytes.iter().copied().map(u64::from).fold(START_64, step_64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_trainer_and_of_the_published_examples() {
        assert_eq!((pieces_32(&[]), pieces_32(&["foo", "", "bar"])), (0x811c_9dc5, 0xbf9c_f968));
        assert_eq!((bytes_64(b""), bytes_64(b"foobar")), (0xcbf2_9ce4_8422_2325, 0x8594_4171_f739_67e8));
    }
}
