//! Opening the listener, and saying where it is.

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}{}", hint(source))]
pub struct ListenError {
    address: SocketAddr,
    source: io::Error,
}

/// Suggestion for an error of this kind.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => ": the port is taken; port 0 picks a free one",
        io::ErrorKind::AddrNotAvailable => {
            ": this machine does not have the address; 0.0.0.0 stands for all that it has"
        }
        io::ErrorKind::PermissionDenied => ": ports below 1024 need a privilege",
        _ => "",
    }
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
    print(format_args!("listening on {scheme}://{address}"))
}

/// Says where health and metrics are, likewise.
///
/// # Errors
/// When standard output is closed.
pub fn announce_admin(address: SocketAddr) -> io::Result<()> {
    tracing::info!(listen = %address, scheme = "http", "admin listening");
    print(format_args!("admin listening on http://{address}"))
}

/// Says where the approval centre of the sandbox is, on a line of its own.
///
/// Nobody needs it but people, so it does not matter if a script has closed standard output by then.
pub fn announce_approval_centre(address: SocketAddr, with_tls: bool, path: &str) {
    let scheme = if with_tls { "https" } else { "http" };
    let _ = print(format_args!("approval centre: {scheme}://{address}{path}"));
}

/// Says where callbacks come in: in the log, and where somebody has to make that address known, on standard output.
///
/// # Errors
/// When standard output is closed.
pub fn announce_callbacks(address: SocketAddr, prints: bool) -> io::Result<()> {
    tracing::info!(listen = %address, scheme = "http", "callbacks listening");
    if prints { print(format_args!("callbacks listening on http://{address}")) } else { Ok(()) }
}

fn print(line: fmt::Arguments<'_>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    // Scripts read the line through a pipe, which would keep it back.
    output.flush()
}
