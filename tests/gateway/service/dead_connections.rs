//! Connections that die while they are idle: a call that meets one goes on over a new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

use crate::harness::Gateway;
use crate::harness::documents::instance;
use crate::service::raw_upstream::{TOKEN, json_answer, read_request};

const SUCCESS: &str = r#"{"code":0,"msg":"success","data":{}}"#;

/// How many connections are idle before they die.
const IDLE: usize = 3;

/// What a dead connection does with the next request.
#[derive(Clone, Copy)]
enum Death {
    Reset,
    Silence,
}

/// An upstream whose connections die together.
struct Mortal {
    origin: String,
    /// Raised when all that are open are to be dead.
    generation: Arc<AtomicUsize>,
    /// Requests that came over a dead connection.
    lost: Arc<AtomicUsize>,
}

impl Mortal {
    async fn start(death: Death) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (generation, lost) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let together = Arc::new(Barrier::new(IDLE));
        let shared = (Arc::clone(&generation), Arc::clone(&lost));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let ((generation, lost), together) = (shared.clone(), Arc::clone(&together));
                tokio::spawn(serve(connection, death, generation, lost, together));
            }
        });
        Self { origin, generation, lost }
    }
}

async fn serve(
    mut connection: TcpStream,
    death: Death,
    generation: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    together: Arc<Barrier>,
) {
    let born = generation.load(Ordering::SeqCst);
    while let Some(head) = read_request(&mut connection).await {
        if generation.load(Ordering::SeqCst) > born {
            lost.fetch_add(1, Ordering::SeqCst);
            match death {
                Death::Reset => connection.set_zero_linger().unwrap(),
                // Until the gateway closes the connection.
                Death::Silence => drop(read_request(&mut connection).await),
            }
            return;
        }
        let answer = if head.contains("/tenant_access_token/") {
            TOKEN
        } else {
            if born == 0 {
                // So that each of them has a connection of its own.
                together.wait().await;
            }
            SUCCESS
        };
        connection.write_all(json_answer(answer).as_bytes()).await.unwrap();
    }
}

/// Pushes once when every idle connection is dead; answers how many requests were lost to one.
async fn push_over_dead_connections(death: Death) -> usize {
    let upstream = Mortal::start(death).await;
    let gateway = Gateway::builder().upstream(&upstream.origin).start().await;
    let pushes = ["a", "b", "c"].map(|id| {
        let gateway = gateway.clone();
        async move { gateway.put(id, "", &instance(id)).await.status }
    });
    assert_eq!(futures_util::future::join_all(pushes).await, [200; IDLE]);
    upstream.generation.store(1, Ordering::SeqCst);
    let answer = gateway.put("d", "", &instance("d")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    upstream.lost.load(Ordering::SeqCst)
}

#[tokio::test]
async fn after_a_connection_that_is_reset_no_other_idle_one_is_tried() {
    assert_eq!(push_over_dead_connections(Death::Reset).await, 1);
}

#[tokio::test]
async fn a_connection_that_fell_silent_costs_one_attempt_and_not_the_deadline() {
    assert_eq!(push_over_dead_connections(Death::Silence).await, 1);
}
