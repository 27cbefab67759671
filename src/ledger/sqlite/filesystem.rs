//! What kind of file system the ledger lies on, and how much room it has.

use std::path::Path;

/// The kind of network file system that a directory lies on; `None` for others, and where that cannot be told.
///
/// FUSE is not among them: most of what it carries is on this machine.
#[cfg(target_os = "linux")]
pub(super) fn network(directory: &Path) -> Option<&'static str> {
    let magic = rustix::fs::statfs(directory).ok()?.f_type;
    // The numbers have 32 bits; some systems extend the sign.
    network_kind(magic as u32)
}

/// The kind of network file system; cannot be told on this system.
#[cfg(not(target_os = "linux"))]
pub(super) fn network(_directory: &Path) -> Option<&'static str> {
    None
}

/// The network file system that has this number in `statfs(2)`.
#[cfg(target_os = "linux")]
fn network_kind(magic: u32) -> Option<&'static str> {
    const KINDS: [(u32, &str); 12] = [
        (0x0000_6969, "NFS"),
        (0x0000_517B, "SMB"),
        (0xFF53_4D42, "CIFS"),
        (0xFE53_4D42, "SMB2"),
        (0x5346_414F, "AFS"),
        (0x00C3_6400, "Ceph"),
        (0x7375_7245, "Coda"),
        (0x7461_636F, "OCFS2"),
        (0x0116_1970, "GFS2"),
        (0x0BD0_0BD0, "Lustre"),
        (0x4750_4653, "GPFS"),
        (0x1983_0326, "BeeGFS"),
    ];
    KINDS.iter().find(|(known, _)| *known == magic).map(|(_, kind)| *kind)
}

/// Free and all bytes of the disk that a directory lies on; what only root may use counts as taken.
pub(super) fn disk(directory: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(directory).ok()?;
    Some((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_known_by_their_numbers() {
        assert_eq!(network_kind(0x6969), Some("NFS"));
        assert_eq!(network_kind(0xFE53_4D42), Some("SMB2"));
        assert_eq!(network_kind(0xEF53), None, "ext4");
    }

    #[test]
    fn the_directory_of_temporary_files_is_local_and_has_a_size() {
        let directory = std::env::temp_dir();
        assert_eq!(network(&directory), None);
        let (free, all) = disk(&directory).unwrap();
        assert!(free <= all && all > 0);
    }
}
