//! Room for large documents, kept from one to the next.
//!
//! The allocator gives free memory back to the system after a fifth of a second (`.cargo/config.toml`). Where large
//! documents come some dozen times a second, most of what the last one was written to had gone back, and came again page by
//! page, full of zeros: two to three microseconds each on a virtual machine.

use std::cell::RefCell;

use bytes::Bytes;

/// What is larger is kept, in bytes: other room the allocator keeps at hand itself (its `tcache_max`).
pub(crate) const LARGE: usize = 32 * 1024;

/// The largest buffer that is kept, in bytes: room for the payload of a thousand tasks and copies.
const LARGEST: usize = 512 * 1024;

/// How many are kept by each thread, for as long as it lives. Our choice: a document and its payload, 1 MiB at most.
const MOST: usize = 2;

thread_local! {
    /// The smallest first.
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer with room for that many bytes.
pub(crate) fn with_room_for(bytes: usize) -> Vec<u8> {
    if bytes > LARGE
        && let Some(buffer) = KEPT.with_borrow_mut(|kept| take(kept, bytes))
    {
        return buffer;
    }
    Vec::with_capacity(bytes)
}

/// The smallest buffer that is large enough.
fn take(kept: &mut Vec<Vec<u8>>, bytes: usize) -> Option<Vec<u8>> {
    let at = kept.iter().position(|buffer| buffer.capacity() >= bytes)?;
    Some(kept.remove(at))
}

/// Keeps a buffer; the smallest gives way where there are too many, as a larger one serves more.
fn keep(kept: &mut Vec<Vec<u8>>, buffer: Vec<u8>) {
    kept.insert(kept.partition_point(|other| other.capacity() < buffer.capacity()), buffer);
    if kept.len() > MOST {
        kept.remove(0);
    }
}

/// What was written into a buffer. A large one may be kept once nobody holds any of it.
pub(crate) fn filled(buffer: Vec<u8>) -> Bytes {
    if buffer.capacity() > LARGE { Bytes::from_owner(Filled(buffer)) } else { Bytes::from(buffer) }
}

struct Filled(Vec<u8>);

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.0);
        buffer.clear();
        if buffer.capacity() <= LARGEST {
            // A thread that ends keeps nothing.
            let _ = KEPT.try_with(|kept| keep(&mut kept.borrow_mut(), buffer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    /// The room that is kept once documents of those sizes are gone.
    #[test_case(&[LARGE] => Vec::<usize>::new(); "the allocator keeps small ones")]
    #[test_case(&[LARGE + 1] => vec![LARGE + 1]; "large ones are kept")]
    #[test_case(&[LARGEST + 1] => Vec::<usize>::new(); "memory is not held for the largest")]
    #[test_case(&[2 * LARGE; MOST + 1] => vec![2 * LARGE; MOST]; "nor for ever more of them")]
    fn room_is_kept(documents: &[usize]) -> Vec<usize> {
        KEPT.take();
        let in_use: Vec<Bytes> = documents.iter().map(|bytes| filled(with_room_for(*bytes))).collect();
        drop(in_use);
        KEPT.take().iter().map(Vec::capacity).collect()
    }

    /// The room for another document when some was kept.
    #[test_case(LARGE + 1 => 2 * LARGE; "what fits is written into it")]
    #[test_case(3 * LARGE => 3 * LARGE; "what does not gets new room")]
    #[test_case(LARGE => LARGE; "what is small leaves it alone")]
    fn the_next_document_has_room(bytes: usize) -> usize {
        KEPT.take();
        let mut first = with_room_for(2 * LARGE);
        first.push(b'{');
        drop(filled(first));
        let next = with_room_for(bytes);
        assert!(next.is_empty());
        next.capacity()
    }

    #[test]
    fn the_larger_ones_are_kept() {
        KEPT.take();
        for bytes in [LARGE + 1, 2 * LARGE, LARGE + 2] {
            let in_use: Vec<Bytes> = (0..MOST).map(|_| filled(with_room_for(bytes))).collect();
            drop(in_use);
        }
        assert_eq!(KEPT.take().iter().map(Vec::capacity).collect::<Vec<_>>(), [2 * LARGE; MOST]);
    }
}
