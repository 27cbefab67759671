//! How many connections the system lets this process hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors kept for everything that is no inbound connection: calls to Feishu, files, standard streams. Our choice;
/// the calls that are under way at once are far fewer at Feishu's rates.
const RESERVED: u64 = 256;

/// The connections that fit below the limit of open files, `wanted` at most.
///
/// The soft limit is raised to the hard one first: it is 1,024 on most systems, for programs that use `select`, which
/// this one does not. Accepting more than fits would leave no descriptor for the calls to Feishu.
pub(super) fn connections_that_fit(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(cause) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%cause, "the limit of open files could not be raised");
    }
    // `None` is no limit.
    let Some(files) = getrlimit(Resource::Nofile).current else { return wanted };
    let fitting = usize::try_from(connections_within(files)).unwrap_or(usize::MAX);
    if fitting < wanted {
        tracing::warn!(
            limit = files,
            max_connections = fitting,
            "the limit of open files (RLIMIT_NOFILE) allows fewer connections than configured"
        );
    }
    wanted.min(fitting)
}

/// What is left for connections; half of a limit that is tiny, because a server without connections is none.
fn connections_within(files: u64) -> u64 {
    files.saturating_sub(RESERVED).max(files / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(1_048_576 => 1_048_320; "a usual hard limit")]
    #[test_case(1_024 => 768; "a usual soft limit")]
    #[test_case(256 => 128; "a tiny limit")]
    fn connections(files: u64) -> u64 {
        connections_within(files)
    }
}
