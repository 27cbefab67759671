//! Opening the listener, and saying where it is.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}; is the port taken? port 0 picks a free one")]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// Opens a listener; port 0 picks a free one.
///
/// # Errors
/// When the address is taken, or not one of this machine's.
pub async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ListenError> {
    let opened = async {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    opened.await.map_err(|source| ListenError { address, source })
}

/// Says where the gateway listens: one line on standard output for scripts, and the field `listen` of a log line.
///
/// # Errors
/// When standard output is closed.
pub fn announce(address: SocketAddr, with_tls: bool) -> io::Result<()> {
    let scheme = if with_tls { "https" } else { "http" };
    tracing::info!(listen = %address, scheme, "listening");
    let mut output = io::stdout().lock();
    writeln!(output, "listening on {scheme}://{address}")?;
    // Scripts read the line through a pipe, which would keep it back.
    output.flush()
}
