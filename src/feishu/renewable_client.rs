//! The HTTP client of one app, replaced when one of its connections has died.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use reqwest::Client;
use tokio::time::Instant;

use super::limits::Silence;
use crate::http_client::{HttpClients, SetupError};

/// A client that brought no answer for so long is no longer trusted. Our choice: several times what an answer takes, so that
/// a caller in a hurry does not cost the others their connections.
const SUSPICIOUS_SILENCE: Duration = Duration::from_secs(2);

/// The HTTP client of one app, with its connection pool.
///
/// Whatever forgets an idle connection (a server, a load balancer, a NAT) forgets its neighbours as well, and over HTTP/2
/// all requests share one. So when one has died, no other of the same pool is tried: each would cost an attempt.
#[derive(Debug)]
pub(super) struct RenewableClient {
    clients: HttpClients,
    current: ArcSwap<Generation>,
}

/// One client, until it is replaced.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) client: Client,
    pub(super) silence: Silence,
}

impl RenewableClient {
    /// A client without connections; they are opened when they are needed.
    pub(super) fn new(clients: HttpClients) -> Result<Self, SetupError> {
        let current = ArcSwap::from_pointee(Generation::new(clients.client()?));
        Ok(Self { clients, current })
    }

    /// The client for the next request.
    pub(super) fn current(&self) -> Arc<Generation> {
        self.current.load_full()
    }

    /// Notes that a request was given up that began at this moment. Callers may be in a hurry, so it takes several of them, or
    /// a patient one, until the client is replaced.
    pub(super) fn unanswered(&self, used: &Arc<Generation>, begun: Instant) {
        // One of many connections may have died while the others work.
        if used.silence.given_up(begun).max(begun.elapsed()) >= SUSPICIOUS_SILENCE {
            self.renew(used);
        }
    }

    /// Puts a client without connections in the place of this one. Requests under way are not disturbed.
    pub(super) fn renew(&self, used: &Arc<Generation>) {
        // Of many requests that fail together only the first has to.
        if Arc::ptr_eq(used, &self.current.load())
            && let Ok(fresh) = self.clients.client()
        {
            self.current.compare_and_swap(used, Arc::new(Generation::new(fresh)));
        }
    }
}

impl Generation {
    fn new(client: Client) -> Self {
        Self { client, silence: Silence::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    const HURRY: Duration = Duration::from_millis(600);

    #[test_case(3, false => false; "two seconds are not over")]
    #[test_case(4, false => true; "nothing was answered for longer")]
    #[test_case(4, true => false; "there was an answer in between")]
    #[tokio::test(start_paused = true)]
    async fn callers_in_a_hurry_replace_a_silent_client_together(count: usize, is_answered: bool) -> bool {
        let clients = HttpClients::to([&"http://127.0.0.1".parse().unwrap()]).unwrap();
        let http = RenewableClient::new(clients).unwrap();
        let used = http.current();
        for number in 0..count {
            let begun = Instant::now();
            tokio::time::advance(HURRY).await;
            if is_answered && number == 1 {
                used.silence.answered();
            }
            http.unanswered(&used, begun);
        }
        !Arc::ptr_eq(&used, &http.current())
    }
}
