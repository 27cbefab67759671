//! Seals and opens cursors; compiled for the fuzz targets under `fuzz/` only.

use super::CursorKey;
use crate::feishu::Position;

/// The cursor for a position in the list that `binding` describes.
pub fn seal_cursor(key: &CursorKey, binding: &str, position: &Position) -> String {
    key.seal(binding, position)
}

/// The position behind a cursor; none when it was not sealed for this list.
pub fn open_cursor(key: &CursorKey, binding: &str, cursor: &str) -> Option<Position> {
    key.open(binding, cursor)
}
