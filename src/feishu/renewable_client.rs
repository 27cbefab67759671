//! The HTTP client of one app, replaced when one of its connections has died.

use std::sync::Arc;

use arc_swap::ArcSwap;
use reqwest::Client;

use crate::http_client::{HttpClients, SetupError};

/// The HTTP client of one app, with its connection pool.
///
/// Whatever forgets an idle connection (a server, a load balancer, a NAT) forgets its neighbours as well, and over HTTP/2
/// all requests share one. So when one has died, no other of the same pool is tried: each would cost an attempt.
#[derive(Debug)]
pub(super) struct RenewableClient {
    clients: HttpClients,
    current: ArcSwap<Client>,
}

impl RenewableClient {
    /// A client without connections; they are opened when they are needed.
    pub(super) fn new(clients: HttpClients) -> Result<Self, SetupError> {
        let current = ArcSwap::from_pointee(clients.client()?);
        Ok(Self { clients, current })
    }

    /// The client for the next request.
    pub(super) fn current(&self) -> Arc<Client> {
        self.current.load_full()
    }

    /// Puts a client without connections in the place of this one. Requests under way are not disturbed.
    pub(super) fn renew(&self, used: &Arc<Client>) {
        // Of many requests that fail together only the first has to.
        if Arc::ptr_eq(used, &self.current.load())
            && let Ok(fresh) = self.clients.client()
        {
            self.current.compare_and_swap(used, Arc::new(fresh));
        }
    }
}
