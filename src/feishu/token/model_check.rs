//! What holds for the token cache in whatever order its users come: all orders are tried on the real code.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use test_case::test_case;
use tokio::task::JoinHandle;

use super::interleaving::Explorer;
use super::*;
use crate::feishu::envelope::ErrorDetails;
use crate::feishu::failure_table::Class;

/// Steps that wait for Feishu or for an event of the scenario, and not for the cache.
const ELSEWHERE: [&str; 4] = ["ask", "answer", "revoke", "leave"];

const LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// When 30 minutes are left, and Feishu hands out a new token.
const OVERLAP: Duration = Duration::from_secs(92 * 60);

/// How Feishu answers who asks for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// A token that is valid now: the last one unless it was revoked or is about to end.
    Fair,
    Fails,
    /// The first one for ever.
    Sticky,
}

/// Feishu, as far as tokens go.
#[derive(Debug)]
struct World {
    mood: Mood,
    in_overlap: bool,
    issued: u32,
    valid: HashSet<String>,
    fetches: u32,
    asking: u32,
    most_asking: u32,
}

#[derive(Debug, Clone)]
struct Feishu(Arc<Mutex<World>>);

impl Feishu {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl World {
    fn answer(&mut self) -> Result<SecretString, Failure> {
        match self.mood {
            Mood::Fails => return Err(Failure::ServerTrouble { http_status: 500, log_id: None }),
            Mood::Sticky => {}
            Mood::Fair => {
                if self.in_overlap || !self.valid.contains(&self.latest()) {
                    self.issued += 1;
                    self.valid.insert(self.latest());
                }
            }
        }
        Ok(self.latest().into())
    }

    fn latest(&self) -> String {
        format!("t-{}", self.issued)
    }
}

impl Source for Feishu {
    async fn fetch(&self) -> Result<(SecretString, Duration), Failure> {
        {
            let mut world = self.world();
            world.fetches += 1;
            world.asking += 1;
            world.most_asking = world.most_asking.max(world.asking);
        }
        point("ask").await;
        let answer = self.world().answer();
        point("answer").await;
        self.world().asking -= 1;
        answer.map(|token| (token, LIFE))
    }
}

/// How a caller fared.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Served,
    Failed,
    /// Got a token that it must not get.
    Wronged,
}

/// The cache, its users and Feishu.
#[derive(Clone)]
struct Stage {
    feishu: Feishu,
    clock: Clock,
    tokens: AppTokens<Feishu>,
    callers: Arc<Mutex<usize>>,
    fates: Arc<Mutex<Vec<Fate>>>,
    /// Tokens of which the cache has been told that they are refused.
    reported: Arc<Mutex<HashSet<String>>>,
}

impl Stage {
    fn cold(mood: Mood) -> Self {
        let world = World {
            mood,
            in_overlap: false,
            issued: 0,
            valid: HashSet::new(),
            fetches: 0,
            asking: 0,
            most_asking: 0,
        };
        let feishu = Feishu(Arc::new(Mutex::new(world)));
        let clock = Clock::manual(1_767_323_045_000);
        let key = AppKey {
            base_url: "b".into(),
            app_id: "a".into(),
            secret_fingerprint: [0; 8],
            kind: TokenKind::OnlyTenant,
        };
        let tokens = AppTokens::of(&TokenCache::default(), key, feishu.clone(), clock.clone());
        let (callers, fates, reported) = (Arc::default(), Arc::default(), Arc::default());
        Self { feishu, clock, tokens, callers, fates, reported }
    }

    /// The first token is in the cache.
    fn warm(mood: Mood) -> Self {
        let stage = Self::cold(Mood::Fair);
        let value = stage.feishu.world().answer().unwrap();
        stage.feishu.world().mood = mood;
        let inner = &stage.tokens.0;
        let token = Arc::new(Token::new(value, stage.clock.monotonic_millis(), 7_200_000));
        stage.tokens.proved(&token);
        inner.cache.insert(inner.key.clone(), token).now_or_never().unwrap();
        stage
    }

    fn cached(&self) -> Option<Arc<Token>> {
        let inner = &self.tokens.0;
        inner.cache.get(&inner.key).now_or_never().unwrap()
    }

    /// An operation that needs a token, as `call.rs` has it.
    fn call(&self) -> JoinHandle<()> {
        *self.callers.lock().unwrap() += 1;
        let stage = self.clone();
        tokio::spawn(async move {
            let fate = stage.operation().await;
            stage.fates.lock().unwrap().push(fate);
        })
    }

    async fn operation(&self) -> Fate {
        let deadline = Deadline::after(Duration::from_secs(600));
        let dead = self.reported.lock().unwrap().clone();
        let Ok(mut token) = self.tokens.get(deadline).await else { return Fate::Failed };
        let is_sticky = self.feishu.world().mood == Mood::Sticky;
        if dead.contains(token.value.expose_secret()) && !is_sticky
            || self.clock.monotonic_millis() >= token.expires_at
        {
            return Fate::Wronged;
        }
        for replays in 0.. {
            point("call").await;
            if self.feishu.world().valid.contains(token.value.expose_secret()) {
                self.tokens.proved(&token);
                return Fate::Served;
            }
            if replays == MAX_REPLAYS {
                break;
            }
            let replaced = self.tokens.replace(&token, &refusal(), deadline).await;
            self.reported.lock().unwrap().insert(token.value.expose_secret().to_owned());
            let Ok(other) = replaced else { break };
            token = other;
        }
        Fate::Failed
    }

    /// Revokes every token at any moment.
    fn revoke_some_time(&self) {
        let feishu = self.feishu.clone();
        tokio::spawn(async move {
            point("revoke").await;
            feishu.world().valid.clear();
        });
    }

    /// Where nobody is about to do something but Feishu, whoever waits does so for want of a token.
    fn nobody_waits_beside_a_token(&self, standing: &[&'static str]) {
        let waiting = *self.callers.lock().unwrap() - self.fates.lock().unwrap().len();
        if waiting > 0 && standing.iter().all(|step| ELSEWHERE.contains(step)) {
            assert!(self.cached().is_none(), "{waiting} wait although there is a token");
        }
    }

    /// All callers fared like this, and it took so many fetches, and so many at once.
    fn all(&self, fate: &Fate, fetches: u32, at_once: u32) {
        let fates = self.fates.lock().unwrap();
        assert_eq!(fates.len(), *self.callers.lock().unwrap(), "somebody waits for ever");
        assert!(fates.iter().all(|one| one == fate), "{fates:?}");
        let world = self.feishu.world();
        assert!(world.fetches <= fetches, "{} fetches", world.fetches);
        assert!(world.most_asking <= at_once, "{} fetches at once", world.most_asking);
    }
}

fn refusal() -> Refusal {
    Refusal {
        code: 99991663,
        class: Class::TokenRefused,
        message: String::new(),
        http_status: 400,
        log_id: None,
        reset: None,
        details: ErrorDetails::default(),
    }
}

/// Tries all orders; what `prepare` gives back is checked at the end of each.
fn in_all_orders(switches: u32, prepare: impl Fn() -> Stage, fate: fn() -> Fate, fetches: u32, at_once: u32) {
    let mut explorer = Explorer::new(switches, 200_000);
    explorer.explore(|| {
        let stage = prepare();
        let watched = stage.clone();
        let standing = move |steps: &[&'static str]| watched.nobody_waits_beside_a_token(steps);
        (standing, move || stage.all(&fate(), fetches, at_once))
    });
    assert!(explorer.runs > 10, "only {} orders", explorer.runs);
}

#[test_case(2, 9; "two callers in every order")]
#[test_case(3, 2; "three callers")]
fn cold_callers_share_one_fetch(callers: usize, switches: u32) {
    let prepare = || {
        let stage = Stage::cold(Mood::Fair);
        (0..callers).for_each(|_| drop(stage.call()));
        stage
    };
    in_all_orders(switches, prepare, || Fate::Served, 1, 1);
}

#[test_case(2, 3; "two callers")]
#[test_case(3, 1; "three callers")]
fn a_revocation_at_any_moment_costs_one_fetch_and_nobody_notices(callers: usize, switches: u32) {
    let prepare = || {
        let stage = Stage::warm(Mood::Fair);
        (0..callers).for_each(|_| drop(stage.call()));
        stage.revoke_some_time();
        stage
    };
    in_all_orders(switches, prepare, || Fate::Served, 1, 1);
}

#[test]
fn a_revocation_in_the_middle_of_a_cold_start_is_not_noticed_either() {
    let prepare = || {
        let stage = Stage::cold(Mood::Fair);
        (0..2).for_each(|_| drop(stage.call()));
        stage.revoke_some_time();
        stage
    };
    in_all_orders(2, prepare, || Fate::Served, 2, 1);
}

#[test]
fn a_revocation_during_a_renewal_is_not_noticed_either() {
    let prepare = || {
        let stage = Stage::warm(Mood::Fair);
        stage.clock.advance(OVERLAP);
        stage.feishu.world().in_overlap = true;
        (0..2).for_each(|_| drop(stage.call()));
        stage.revoke_some_time();
        stage
    };
    in_all_orders(2, prepare, || Fate::Served, 2, 2);
}

#[test]
fn callers_who_are_told_of_a_failure_cost_one_fetch() {
    let prepare = || {
        let stage = Stage::cold(Mood::Fails);
        (0..3).for_each(|_| drop(stage.call()));
        stage
    };
    in_all_orders(2, prepare, || Fate::Failed, 1, 1);
}

#[test]
fn a_token_that_comes_again_dead_costs_one_fetch_however_many_are_refused_with_it() {
    let prepare = || {
        let stage = Stage::warm(Mood::Sticky);
        stage.feishu.world().valid.clear();
        (0..3).for_each(|_| drop(stage.call()));
        stage
    };
    in_all_orders(2, prepare, || Fate::Failed, 1, 1);
}

#[test]
fn an_expired_token_is_not_handed_out() {
    let prepare = || {
        let stage = Stage::warm(Mood::Fair);
        stage.clock.advance(LIFE);
        stage.feishu.world().valid.clear();
        (0..2).for_each(|_| drop(stage.call()));
        stage
    };
    in_all_orders(4, prepare, || Fate::Served, 1, 1);
}

#[test]
fn a_caller_who_leaves_at_any_moment_takes_nothing_from_the_other() {
    let prepare = || {
        let stage = Stage::cold(Mood::Fair);
        let leaving = stage.call();
        drop(stage.call());
        let left = stage.clone();
        tokio::spawn(async move {
            point("leave").await;
            leaving.abort();
            if leaving.await.is_err() {
                *left.callers.lock().unwrap() -= 1;
            }
        });
        stage
    };
    in_all_orders(4, prepare, || Fate::Served, 1, 1);
}

/// On all threads at once, where only chance decides about the order.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_cold_callers_cost_one_fetch_and_a_revocation_among_them_one_more() {
    let stage = Stage::cold(Mood::Fair);
    let begin = || (0..5_000).map(|_| stage.call()).collect::<Vec<_>>();
    let mut calls = begin();
    join_all(begin()).await;
    assert_eq!(stage.feishu.world().fetches, 1);
    stage.feishu.world().valid.clear();
    calls.extend(begin());
    join_all(calls).await;
    stage.all(&Fate::Served, 2, 1);
}
