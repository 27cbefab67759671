//! How much memory Feishu's answers may take together while they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for the answers that one app reads at the same time; our choice. A page of a list has some hundred kilobytes, so
/// hundreds of them fit, while answers that are as long as they may be and never end do not fill the memory of a
/// container.
const ROOM_BYTES: usize = 64 * 1024 * 1024;

/// The room of one app. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct AnswerRoom(Arc<AtomicUsize>);

/// What one answer takes of the room, given back on drop.
#[derive(Debug)]
pub(super) struct Taken {
    room: AnswerRoom,
    bytes: usize,
}

impl AnswerRoom {
    /// A place for an answer of which nothing has come.
    pub(super) fn enter(&self) -> Taken {
        Taken { room: self.clone(), bytes: 0 }
    }
}

impl Taken {
    /// Takes more room; false when there is none.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let before = self.room.0.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        before + bytes <= ROOM_BYTES
    }

    /// What this answer takes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.room.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_shared_and_given_back() {
        let room = AnswerRoom::default();
        let (mut first, mut second) = (room.enter(), room.enter());
        assert!(first.grow(ROOM_BYTES - 1) && second.grow(1));
        assert!(!second.grow(1));
        drop(second);
        assert!(first.grow(1) && !room.enter().grow(1));
        drop(first);
        assert!(room.enter().grow(ROOM_BYTES));
    }
}
